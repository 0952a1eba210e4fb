#include "lineage/once.h"

#include <limits>

#include "lineage/gains.h"
#include "lineage/layer_map.h"

namespace wmk::lineage {

namespace {

// Of equally deep models a few layers are compared by attention, of others all.
constexpr size_t kGramLayers = 8;

size_t depth_of(const Side& side) { return layers_with_units(*side.anatomy).size(); }

}  // namespace

Result<Common> find_common(const Pair& pair) {
  Common out;
  auto copies = find_copies(pair);
  if (!copies) return std::move(copies).error();
  out.copies = *copies;
  out.gains = gains_result(pair);
  const size_t width = pair.reference.width();
  const bool equal = depth_of(pair.suspect) == depth_of(pair.reference);
  out.gram_layers = equal ? kGramLayers : std::numeric_limits<size_t>::max();
  out.coordinates = sampled_coordinates(width, kGramCoordinates, pair.seed, "grams");
  auto grams = attention_grams(pair.reference, Gauge::identity(width), out.coordinates,
                               out.gram_layers, pair.threads);
  if (!grams) return std::move(grams).error();
  out.reference = *std::move(grams);
  return out;
}

Result<std::vector<LayerPair>> layers_of(const Pair& pair, const Gauge& gauge, const Common& common,
                                         const LayerMatrix& scores,
                                         std::vector<TestResult>& tests) {
  auto suspect =
      attention_grams(pair.suspect, gauge, common.coordinates, common.gram_layers, pair.threads);
  if (!suspect) return std::move(suspect).error();
  const LayerAlignment alignment = align_layers(*suspect, common.reference, pair.seed);
  Result<std::vector<LayerPair>> layers = layer_pairs(alignment, *suspect, common.reference);
  if (depth_of(pair.suspect) == depth_of(pair.reference)) layers = map_layers(pair, scores);
  if (!layers) return layers;
  tests.push_back(gram_result(
      gram_agreement(*suspect, common.reference, *layers, pair.seed, pair.threads), gauge));
  tests.push_back(alignment_result(alignment, gauge));
  return layers;
}

}  // namespace wmk::lineage
