// Coincidences and signs out of matched neurons.
#include <algorithm>
#include <map>
#include <set>

#include "lineage/tests/expert_neurons.h"

namespace wmk::lineage {

namespace {

// Distinct neurons of the reference on which two searches agree, and the mean under chance.
void add_agreement(const LayerMatch& layer, uint64_t NeuronMatch::*one,
                   uint64_t NeuronMatch::*other, Coincidences& to) {
  std::map<uint64_t, std::pair<double, double>> chosen;
  std::set<uint64_t> agreed;
  double queries = 0;
  for (const NeuronMatch& match : layer.matches) {
    if (!match.alive) continue;
    queries += 1;
    chosen[match.*one].first += 1;
    chosen[match.*other].second += 1;
    if (match.*one == match.*other) agreed.insert(match.*one);
  }
  for (const auto& [neuron, counts] : chosen) to.expected += counts.first * counts.second / queries;
  to.count += static_cast<double>(agreed.size());
}

}  // namespace

void Coincidences::add(const LayerMatch& layer) {
  if (layer.gated) add_agreement(layer, &NeuronMatch::by_gate, &NeuronMatch::by_up, *this);
  add_agreement(layer, &NeuronMatch::by_gate, &NeuronMatch::by_down, *this);
}

stats::SignedSum sign_sum(const LayerMatch& layer, SignSide side) {
  std::vector<stats::SignedTerm> terms;
  for (size_t i = 0; i < layer.matches.size(); ++i) {
    const NeuronMatch& match = layer.matches[i];
    if (!match.alive) continue;
    // Any weight that is blind to up and down keeps the signs fair: close gate rows count more.
    const double weight = std::max(0.0, match.gate_cosine);
    terms.push_back({side == SignSide::reference ? match.by_gate : i, weight * weight * match.x});
  }
  return stats::grouped(std::move(terms));
}

}  // namespace wmk::lineage
