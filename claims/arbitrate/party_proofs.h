// Proofs of a claim folder, and how many commitments its signer has logged
// (specs/arbitration.md 3.4).
//
// Thread-safety: one caller.
#pragma once

#include "base/progress.h"
#include "claims/arbitrate/party.h"

namespace wmk::claims {

// Finds the statement of each proof: fills in where the commitment, the disclosure and the release
// statement are logged, and the times of the witnesses. Errors: a malformed proof.
Status attach_proofs(const std::filesystem::path& proofs, const TrustFolder& trust, Party& party);

// How many commitments the signer made, by the arbitrator's own copies of the logs.
struct CommitmentCount {
  std::optional<uint64_t> commitments = {};  // nullopt: not known
  std::string code = {}, why_not = {};       // why they are not
  uint64_t entries = 0;                      // of the signer, of whatever kind
};
// Every log that the policy names must be there, each must be good with a quorum of witnesses, and
// one of them must have the commitment: otherwise the count is the claimant's word. Entries hide
// what was signed, so an entry counts unless the claim shows that it is something else. Errors:
// unreadable files.
Result<CommitmentCount> count_commitments(const std::vector<std::filesystem::path>& logs,
                                          const TrustFolder& trust, const Party& party,
                                          unsigned threads, Progress* progress);

}  // namespace wmk::claims
