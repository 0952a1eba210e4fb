#include "lineage/once.h"

#include <limits>

#include "lineage/gains.h"
#include "lineage/layer_map.h"

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
  out.gains = gains_result(pair);
  const size_t width = pair.reference.width();
  out.gram_layers = has_equal_depths(pair) ? kGramLayers : std::numeric_limits<size_t>::max();
  out.coordinates = sampled_coordinates(width, kGramCoordinates, pair.seed, "grams");
  auto grams = attention_grams(pair.reference, Gauge::identity(width), out.coordinates,
                               out.gram_layers, pair.threads);
  if (!grams) return std::move(grams).error();
  out.reference = *std::move(grams);
  return out;
}

Result<std::vector<LayerPair>> layers_of(const Pair& pair, const Gauge& gauge, const Common& common,
                                         std::vector<TestResult>& tests) {
  auto suspect =
      attention_grams(pair.suspect, gauge, common.coordinates, common.gram_layers, pair.threads);
  if (!suspect) return std::move(suspect).error();
  const LayerAlignment alignment = align_layers(*suspect, common.reference, pair.seed);
  const auto layers = has_equal_depths(pair) ? layers_by_number(pair)
                                             : layer_pairs(alignment, *suspect, common.reference);
  tests.push_back(gram_result(
      gram_agreement(*suspect, common.reference, layers, pair.seed, pair.threads), gauge));
  tests.push_back(alignment_result(alignment, gauge));
  return layers;
}

}  // namespace wmk::lineage
