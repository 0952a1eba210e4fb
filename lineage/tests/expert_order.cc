#include "lineage/tests/expert_order.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/progress_stage.h"
#include "lineage/model/row_cosines.h"
#include "lineage/tests/expert_alignment.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;

// The mean also covers experts from elsewhere, so that, unlike the cosines of T1, it does not
// measure how close copies are.
constexpr std::string_view kOrderStatistic = "z of the signed sum over neurons in order";

struct BlockTerms {
  std::vector<stats::SignedTerm> terms, shifted;
};

Status add_block(const ModelPair& pair, const Basis& basis, const NeuronBlock& task, SignSide side,
                 BlockTerms& to) {
  const size_t count = task.count;
  RowCosines found(count);
  for (const bool up : {true, false}) {
    const auto source = [&](const Side& of, const UnitGroup& group, const Basis* to_basis) {
      return VectorSource{&of, up ? group.up : group.down,
                          norm_weight_of(of, up ? group.in_norm : group.out_norm), to_basis};
    };
    auto b = load_vectors(source(pair.suspect, *task.suspect, &basis), task.suspect_first, count);
    if (!b) return std::move(b).error();
    auto a =
        load_vectors(source(pair.reference, *task.reference, nullptr), task.reference_first, count);
    if (!a) return std::move(a).error();
    found.add(*b, *a, pair.reference.width());
  }
  for (size_t i = 0; i < count; ++i) {
    const bool of_a = side != SignSide::suspect;
    to.terms.push_back({of_a ? task.reference_number + i : task.suspect_number + i, found.x[i]});
    if (count < 2) continue;
    const uint64_t next = task.reference_number + (i + 1) % count;
    to.shifted.push_back({of_a ? next : task.suspect_number + i, found.shifted[i]});
  }
  return {};
}

}  // namespace

Result<ExpertOrder> expert_order(const ModelPair& pair, const Basis& basis,
                                 const std::vector<LayerPair>& layers,
                                 const RepeatedNeurons& repeated) {
  ExpertOrder out;
  out.sign_side = sign_side_of(repeated);
  const ExpertAlignment alignment = align_experts(pair, basis, layers);
  out.has_experts = alignment.has_experts;
  out.sampled = alignment.sampled;
  if (alignment.blocks.empty()) {
    out.missing = "experts differ in number and size, or have no gates";
    return out;
  }
  std::vector<BlockTerms> parts(alignment.blocks.size());
  const double weights = 2 * alignment.vectors * static_cast<double>(pair.reference.width());
  ProgressStage stage(pair, "experts in order", weights, alignment.blocks.size());
  auto status =
      parallel_for(alignment.blocks.size(), pair.threads, [&](size_t i, unsigned) -> Status {
        stage.advance();
        return add_block(pair, basis, alignment.blocks[i], out.sign_side, parts[i]);
      });
  if (!status) return std::move(status).error();
  BlockTerms all;
  for (const BlockTerms& part : parts) {
    all.terms.insert(all.terms.end(), part.terms.begin(), part.terms.end());
    all.shifted.insert(all.shifted.end(), part.shifted.begin(), part.shifted.end());
  }
  const auto cosines = 2 * static_cast<double>(all.terms.size());
  out.signs.sum = stats::grouped(std::move(all.terms));
  out.signs.shifted = stats::grouped(std::move(all.shifted));
  if (out.signs.sum.terms > 0) {
    out.signs.cosines = cosines / static_cast<double>(out.signs.sum.terms);
  }
  return out;
}

std::optional<TestResult> expert_order_result(const ExpertOrder& found, const Basis& basis) {
  if (!found.has_experts) return std::nullopt;
  TestResult out = sign_result({"T4c neurons in order", TensorFamily::feed_forward, kOrderStatistic,
                                sign_null_of(found.sign_side), "neurons in another order (T4a)"},
                               found.signs, found.missing, found.sampled, basis);
  if (found.sign_side == SignSide::neither && out.log10_p) {
    out.kind = EvidenceKind::none;
    out.log10_p.reset();
    out.outcome = Outcome::soft;
    out.note += "; both models contain copies of their own neurons, so there is no exact p";
  }
  return out;
}

}  // namespace wmk::lineage
