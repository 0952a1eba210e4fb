#include "lineage/tests/neuron_evidence.h"

#include <algorithm>
#include <map>
#include <set>

namespace wmk::lineage {

namespace {

// If wrong layers coincide more often than this chance, their excess is allowed for, twice.
constexpr double kControlLog10Min = -2;
constexpr double kControlMargin = 2;

// Distinct neurons of the reference on which two searches agree, and their mean under chance.
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

double inflation_of(const Coincidences& control) {
  if (control.expected <= 0 || control.log10_p() > kControlLog10Min) return 1;
  return std::max(1.0, kControlMargin * control.count / control.expected);
}

SignSide sign_side_of(const RepeatedNeurons& repeated) {
  if (!repeated.reference) return SignSide::reference;
  return repeated.suspect ? SignSide::neither : SignSide::suspect;
}

std::string_view sign_null_of(SignSide side) {
  return side == SignSide::suspect ? "signs of the suspect's neurons are independent"
                                   : "signs of the reference's neurons are independent";
}

std::vector<stats::SignedTerm> sign_terms(const LayerMatch& layer, SignSide side, uint64_t first) {
  std::vector<stats::SignedTerm> terms;
  for (size_t i = 0; i < layer.matches.size(); ++i) {
    const NeuronMatch& match = layer.matches[i];
    if (!match.alive) continue;
    // Close gate rows count more. A weight that does not depend on up and down keeps signs fair.
    const double weight = std::max(0.0, match.gate_cosine);
    const uint64_t unit = side == SignSide::reference ? match.by_gate : i;
    terms.push_back({first + unit, weight * weight * match.x});
  }
  return terms;
}

}  // namespace wmk::lineage
