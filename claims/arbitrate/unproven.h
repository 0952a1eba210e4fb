// What a claim says and no log is shown to have (specs/commitment.md 6.4).
//
// Purpose: a claimant learns before the hearing which statements an arbitrator could neither date
// nor count by a log. Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "claims/commit/claims_file.h"
#include "claims/log/tlog_proof.h"
#include "sign/keys/key.h"

namespace wmk::claims {

struct NamedProof {
  std::string name;  // of the file
  std::string text;
  TlogProof proof;
};

struct Unproven {
  std::vector<size_t> statements;  // indices of commitments and disclosures without a proof
  std::vector<size_t> proofs;      // indices of proofs that lead from none of the statements
};

// Only hashes are compared: whether a log and its witnesses are trusted, the arbitrator decides.
// `key`: the signer's, or null. Statements that name a key which is not given, and those that carry
// an entry of Rekor, are not listed. Error: a proof without a checkpoint.
Result<Unproven> find_unproven(const std::vector<ClaimLine>& lines,
                               const std::vector<NamedProof>& proofs, const sign::PublicKey* key);

}  // namespace wmk::claims
