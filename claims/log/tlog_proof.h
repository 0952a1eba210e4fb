// Proofs that a log has an entry (C2SP tlog-proof; specs/log.md 6).
//
// Purpose: reads and writes `.tlog-proof` files. What a proof proves is checked in check_proof.h.
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/merkle.h"

namespace wmk::claims {

inline constexpr uint64_t kProofBytesMax = 256 << 10;

struct TlogProof {
  std::optional<Bytes> extra;  // signed by nobody
  uint64_t index = 0;
  std::vector<crypto::TreeHash> path;  // from the leaf upwards
  std::string checkpoint;              // a signed note, verbatim
};

Result<TlogProof> parse_tlog_proof(std::string_view text);
std::string tlog_proof_text(const TlogProof& proof);
// Whether the proof's path leads from this leaf to the root of that tree.
bool leads_to_root(const crypto::TreeHash& leaf, const TlogProof& proof,
                   const crypto::TreeHead& head);

}  // namespace wmk::claims
