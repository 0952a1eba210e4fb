#include "claims/arbitrate/unproven.h"

#include "base/text.h"
#include "claims/commit/commitment.h"
#include "claims/commit/disclosure.h"
#include "claims/log/bundle_entry.h"
#include "claims/log/policy.h"

namespace wmk::claims {

namespace {

bool wants_log(const ClaimLine& line) {
  const bool is_dated = line.type == kCommitmentType || line.type == kDisclosureType;
  return is_dated && line.bundle.entries.empty();
}

}  // namespace

Result<Unproven> find_unproven(const std::vector<ClaimLine>& lines,
                               const std::vector<NamedProof>& proofs, const sign::PublicKey* key) {
  std::vector<std::optional<crypto::TreeHash>> leaves;
  for (const ClaimLine& line : lines) leaves.push_back(bundle_leaf(line.bundle, key));
  std::vector<bool> is_shown(lines.size(), false);
  Unproven out;
  for (size_t p = 0; p < proofs.size(); ++p) {
    const TlogProof& proof = proofs[p].proof;
    const auto checkpoint = parse_signed_checkpoint(proof.checkpoint);
    if (!checkpoint) return Error(checkpoint.error()).within(escaped(proofs[p].name));
    const crypto::TreeHead& head = checkpoint->checkpoint.head;
    bool is_used = false;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (leaves[i] && leads_to_root(*leaves[i], proof, head)) is_shown[i] = is_used = true;
    }
    if (!is_used) out.proofs.push_back(p);
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    if (wants_log(lines[i]) && leaves[i] && !is_shown[i]) out.statements.push_back(i);
  }
  return out;
}

}  // namespace wmk::claims
