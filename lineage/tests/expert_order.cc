#include "lineage/tests/expert_order.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/progress_stage.h"
#include "lineage/tests/expert_alignment.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;

// A mean over experts, of which some may be others': no measure of how close copies are, as the
// cosines of T1 are.
constexpr std::string_view kOrderStatistic = "z of the signed sum over neurons in order";

struct SliceTerms {
  std::vector<stats::SignedTerm> terms, shifted;
};

Status do_slice(const Pair& pair, const Gauge& gauge, const ExpertSlice& task, SignSide side,
                SliceTerms& to) {
  const size_t width = pair.reference.width(), count = task.count;
  std::vector<double> x(count), shifted(count);
  for (const bool up : {true, false}) {
    const auto source = [&](const Side& of, const UnitGroup& units, const Gauge* to_gauge) {
      const auto& gain = up ? units.in_gain : units.out_gain;
      return VectorSource{&of, up ? units.up : units.down,
                          gain ? &of.anatomy->gains[*gain] : nullptr, to_gauge};
    };
    auto b = load_vectors(source(pair.suspect, *task.suspect, &gauge), task.suspect_first, count);
    if (!b) return std::move(b).error();
    auto a =
        load_vectors(source(pair.reference, *task.reference, nullptr), task.reference_first, count);
    if (!a) return std::move(a).error();
    for (size_t i = 0; i < count; ++i) {
      const float* row = &(*b)[i * width];
      x[i] += cosine(&(*a)[i * width], row, width);
      shifted[i] += cosine(&(*a)[(i + 1) % count * width], row, width);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const bool of_a = side != SignSide::suspect;
    to.terms.push_back({of_a ? task.reference_unit + i : task.suspect_unit + i, x[i]});
    if (count < 2) continue;
    const uint64_t next = task.reference_unit + (i + 1) % count;
    to.shifted.push_back({of_a ? next : task.suspect_unit + i, shifted[i]});
  }
  return {};
}

}  // namespace

Result<ExpertOrder> expert_order(const Pair& pair, const Gauge& gauge,
                                 const std::vector<LayerPair>& layers, const ModelCopies& copies) {
  ExpertOrder out;
  if (copies.reference) out.sign_side = copies.suspect ? SignSide::neither : SignSide::suspect;
  const ExpertSlices slices = plan_slices(pair, gauge, layers);
  out.has_experts = slices.has_experts;
  out.sampled = slices.sampled;
  if (slices.all.empty()) {
    out.missing = "experts of other numbers and sizes, or without gates";
    return out;
  }
  std::vector<SliceTerms> parts(slices.all.size());
  const double weights = 2 * slices.vectors * static_cast<double>(pair.reference.width());
  WorkStage stage(pair, "experts in order", weights, slices.all.size());
  auto status = parallel_for(slices.all.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    stage.advance();
    return do_slice(pair, gauge, slices.all[i], out.sign_side, parts[i]);
  });
  if (!status) return std::move(status).error();
  SliceTerms all;
  for (const SliceTerms& part : parts) {
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

std::optional<TestResult> expert_order_result(const ExpertOrder& found, const Gauge& gauge) {
  if (!found.has_experts) return std::nullopt;
  TestResult out = sign_result(
      {"T4c neurons in order", FamilyOfTensors::feed_forward, kOrderStatistic,
       found.sign_side == SignSide::suspect ? "signs of the suspect's neurons are independent"
                                            : "signs of the reference's neurons are independent",
       kCosineMin},
      found.signs, found.missing, found.sampled, gauge);
  if (found.sign_side == SignSide::neither && out.log10_p) {
    out.kind = Kind::none;
    out.log10_p.reset();
    out.outcome = Outcome::soft;
    out.note += "; both models hold copies of their own neurons: no exact p";
  }
  return out;
}

}  // namespace wmk::lineage
