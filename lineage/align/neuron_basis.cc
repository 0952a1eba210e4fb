#include "lineage/align/neuron_basis.h"

#include <algorithm>

#include "base/text.h"
#include "neurons/carry/neuron_map.h"

namespace wmk::lineage {

std::vector<LayerPair> one_to_one(std::vector<LayerPair> layers) {
  std::sort(layers.begin(), layers.end(), [](const LayerPair& a, const LayerPair& b) {
    return std::pair(a.reference, a.suspect) < std::pair(b.reference, b.suspect);
  });
  const auto is_same = [](const LayerPair& a, const LayerPair& b) {
    return a.reference == b.reference;
  };
  layers.erase(std::unique(layers.begin(), layers.end(), is_same), layers.end());
  return layers;
}

Result<NeuronBasis> find_neuron_basis(const ModelPair& pair) {
  NeuronBasis out;
  neurons::MapSearch search;
  search.threads = pair.threads;
  search.progress = pair.progress;
  search.is_shared = pair.is_shared;
  auto map = neurons::map_neurons({pair.suspect.checkpoint, pair.suspect.anatomy},
                                  {pair.reference.checkpoint, pair.reference.anatomy}, search);
  if (!map) {
    if (map.error().code() != ErrorCode::unsupported) return std::move(map).error();
    out.missing = "no map between the neurons of the two models was found";
    return out;
  }
  out.pairs = map->pairs;
  out.cosine = map->cosine;
  for (const auto& [suspect, reference] : map->layer_pairs)
    out.layers.push_back({suspect, reference});
  out.layers = one_to_one(std::move(out.layers));
  out.basis = Basis::rotation(map->suspect_width, map->release_width, std::move(map->o),
                              BasisKind::neurons);
  return out;
}

TestResult neuron_basis_result(const NeuronBasis& found) {
  TestResult out;
  out.name = "T2 basis by neurons";
  out.statistic = "mean cosine of paired gate rows";
  out.basis = BasisKind::neurons;
  if (!found.basis) {
    out.note = found.missing;
    return out;
  }
  out.value = found.cosine;
  out.outcome = Outcome::soft;
  out.note = cat(found.pairs, " pairs, to which the basis was fitted");
  return out;
}

}  // namespace wmk::lineage
