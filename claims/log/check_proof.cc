#include "claims/log/check_proof.h"

#include "base/text.h"

namespace wmk::claims {

Result<std::optional<ProvenEntry>> check_proof(const crypto::TreeHash& leaf, const TlogProof& proof,
                                               const Policy& policy, LogReasons& reasons) {
  const auto checkpoint = parse_signed_checkpoint(proof.checkpoint);
  if (!checkpoint) return checkpoint.error();
  auto trusted = policy.judge(*checkpoint, reasons);
  const crypto::TreeHead& head = checkpoint->checkpoint.head;
  if (!leads_to_root(leaf, proof, head)) {
    reasons.no(LogCode::not_included, cat("the proof does not lead from this entry, index ",
                                          proof.index, " of ", head.size, ", to the root"));
    return std::optional<ProvenEntry>();
  }
  if (!trusted) return std::optional<ProvenEntry>();
  return std::optional(ProvenEntry{proof.index, std::move(*trusted)});
}

}  // namespace wmk::claims
