// Whether a proof shows that a trusted log has an entry (specs/log.md 6).
//
// Thread-safety: pure functions.
#pragma once

#include <optional>

#include "claims/log/policy.h"
#include "claims/log/tlog_proof.h"

namespace wmk::claims {

struct ProvenEntry {
  uint64_t index = 0;
  TrustedCheckpoint checkpoint;
};

// `leaf`: the entry's leaf hash. Errors: a malformed checkpoint. If the entry is not proven:
// nullopt, with the reasons.
Result<std::optional<ProvenEntry>> check_proof(const crypto::TreeHash& leaf, const TlogProof& proof,
                                               const Policy& policy, LogReasons& reasons);

}  // namespace wmk::claims
