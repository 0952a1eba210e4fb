#include "lineage/shared_findings.h"

#include <limits>

#include "lineage/align/layer_map.h"
#include "lineage/model/progress_stage.h"
#include "lineage/tests/norm_weights.h"

namespace wmk::lineage {

namespace {

// Of equally deep models a few layers are compared by attention, of others all.
constexpr size_t kGramLayers = 8;

bool has_equal_depths(const Pair& pair) {
  const auto depth = [](const Side& side) { return layers_with_units(*side.anatomy).size(); };
  return depth(pair.suspect) == depth(pair.reference);
}

}  // namespace

Result<Common> find_common(const Pair& pair) {
  Common out;
  auto copies = find_copies(pair);
  if (!copies) return std::move(copies).error();
  out.copies = *copies;
  out.gains = in_one_step(pair, "gains", [&] { return gains_result(pair); });
  const size_t width = pair.reference.width();
  out.gram_layers = has_equal_depths(pair) ? kGramLayers : std::numeric_limits<size_t>::max();
  out.coordinates = sampled_coordinates(width, kGramCoordinates, pair.seed, "grams");
  auto grams = attention_grams(pair, pair.reference, Gauge::identity(width), out.coordinates,
                               out.gram_layers);
  if (!grams) return std::move(grams).error();
  out.reference = *std::move(grams);
  return out;
}

Result<std::vector<LayerPair>> layers_of(const Pair& pair, const Gauge& gauge, const Common& common,
                                         std::vector<TestResult>& tests) {
  auto suspect = attention_grams(pair, pair.suspect, gauge, common.coordinates, common.gram_layers);
  if (!suspect) return std::move(suspect).error();
  const LayerAlignment alignment = in_one_step(
      pair, "order of layers", [&] { return align_layers(*suspect, common.reference, pair.seed); });
  const auto layers = has_equal_depths(pair) ? layers_by_number(pair)
                                             : layer_pairs(alignment, *suspect, common.reference);
  const GramAgreement agreement = in_one_step(pair, "permuted attention", [&] {
    return gram_agreement(*suspect, common.reference, layers, pair.seed, pair.threads);
  });
  tests.push_back(gram_result(agreement, gauge));
  tests.push_back(alignment_result(alignment, gauge));
  return layers;
}

}  // namespace wmk::lineage
