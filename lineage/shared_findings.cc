#include "lineage/shared_findings.h"

#include <limits>

#include "lineage/model/progress_stage.h"
#include "lineage/model/sampling.h"
#include "lineage/tests/attention_agreement.h"
#include "lineage/tests/norm_weights.h"

namespace wmk::lineage {

namespace {

bool has_equal_depths(const ModelPair& pair) {
  const auto depth = [](const Side& side) { return layers_with_neurons(*side.anatomy).size(); };
  return depth(pair.suspect) == depth(pair.reference);
}

Result<std::optional<LayerClusters>> copied_layers(const ModelPair& pair) {
  auto suspect = layer_clusters(pair.suspect);
  if (!suspect) return std::move(suspect).error();
  if (!suspect->repeats()) return std::optional<LayerClusters>();
  auto reference = layer_clusters(pair.reference);
  if (!reference) return std::move(reference).error();
  if (!reference->repeats()) return std::optional<LayerClusters>();
  return std::optional(*std::move(reference));
}

}  // namespace

Result<SharedFindings> find_shared(const ModelPair& pair) {
  SharedFindings out;
  auto repeated = find_repeated_neurons(pair);
  if (!repeated) return std::move(repeated).error();
  out.repeated = *repeated;
  auto copied = copied_layers(pair);
  if (!copied) return std::move(copied).error();
  out.copied_layers = *std::move(copied);
  out.norm_weights = in_one_step(pair, "norm weights", [&] { return norm_weight_result(pair); });
  const size_t width = pair.reference.width();
  // Models of different depths are aligned by attention, which takes all layers.
  out.layers_by_number = has_equal_depths(pair);
  out.gram_layers = out.layers_by_number ? kSampledLayers : std::numeric_limits<size_t>::max();
  out.coordinates = sampled_coordinates(width, kGramCoordinates, pair.seed, "grams");
  auto grams = attention_grams(pair, pair.reference, Basis::identity(width), out.coordinates,
                               out.gram_layers);
  if (!grams) return std::move(grams).error();
  out.reference = *std::move(grams);
  return out;
}

Result<std::vector<LayerPair>> layers_of(const ModelPair& pair, const Basis& basis,
                                         const SharedFindings& shared,
                                         const std::vector<LayerPair>& given,
                                         std::vector<TestResult>& tests) {
  auto suspect = attention_grams(pair, pair.suspect, basis, shared.coordinates, shared.gram_layers);
  if (!suspect) return std::move(suspect).error();
  const LayerAlignment alignment = in_one_step(
      pair, "order of layers", [&] { return align_layers(*suspect, shared.reference, pair.seed); });
  const auto layers = !given.empty()           ? given
                      : has_equal_depths(pair) ? layers_by_number(pair)
                                               : layer_pairs(alignment, *suspect, shared.reference);
  const GramAgreement agreement = in_one_step(pair, "permuted attention", [&] {
    return gram_agreement(*suspect, shared.reference, layers, pair.seed, pair.threads);
  });
  tests.push_back(gram_result(agreement, basis));
  tests.push_back(alignment_result(alignment, basis));
  return layers;
}

}  // namespace wmk::lineage
