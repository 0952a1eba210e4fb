// Whether the bundles of a claim belong together (specs/commitment.md 6).
//
// Purpose: a claimant learns before the hearing what an arbitrator would object to. Thread-safety:
// pure functions.
#pragma once

#include <vector>

#include "claims/commit/check.h"
#include "claims/commit/claims_file.h"

namespace wmk::claims {

// Adds a reason for each fault: no commitment; commitments of several signers, or that form no
// chain; a disclosure that opens none of them; a release statement that names none of them, or
// belongs to no seal among the bundles; a statement of an unknown type.
void check_together(const std::vector<ClaimLine>& lines, const Trust& trust,
                    sign::Findings& findings);

// Of one signer, in the order in which each names the one before; nullopt, with the reason, if they
// form no chain that begins with a first one. Two that follow the same one are no chain.
std::optional<std::vector<size_t>> chain_order(const std::vector<CheckedCommitment>& commitments,
                                               sign::Findings& findings);

}  // namespace wmk::claims
