// Matches neurons of one layer with all neurons of another (specs/lineage.md 6).
//
// Purpose: for each neuron of a sample, three separate exhaustive searches find the neuron of the
// other layer with the closest gate row, the closest up row and the closest down column.
// Thread-safety: pure; a call uses one thread.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct NeuronMatch {
  size_t group = 0;     // of the queries' anatomy
  uint64_t neuron = 0;  // in that group
  bool alive = false;   // neither zero nor of next to no strength beside the other samples
  // Closest neurons of the other layer, numbered through all its groups.
  uint64_t by_gate = 0, by_up = 0, by_down = 0;
  double gate_cosine = 0;
  // <up, up'> + <down, down'> with the neuron that gate rows alone found.
  double x = 0;
};
template <class Visit>
void fields(NeuronMatch& match, Visit& visit) {
  visit(match.group);
  visit(match.neuron);
  visit(match.alive);
  visit(match.by_gate);
  visit(match.by_up);
  visit(match.by_down);
  visit(match.gate_cosine);
  visit(match.x);
}

struct LayerMatch {
  std::vector<NeuronMatch> matches;
  uint64_t neurons = 0;  // of the other layer
  bool gated = true;
};
template <class Visit>
void fields(LayerMatch& layer, Visit& visit) {
  visit(layer.matches);
  visit(layer.neurons);
  visit(layer.gated);
}

struct MatchRequest {
  const Side* queries = nullptr;
  const Basis* basis = nullptr;  // of the queries; null: none
  std::vector<uint64_t> query_layers;
  const Side* others = nullptr;
  uint64_t other_layer = 0;
  uint64_t samples = 0;  // of each query layer
  uint64_t seed = 1;
  bool exclude_self = false;  // the layer is searched for its own neurons: none matches itself
  // Up and down are searched only if the gate row of some neuron has a partner closer than this.
  double gate_cosine_min = -1;
};
// One result for each query layer; the other layer is read once for all of them.
Result<std::vector<LayerMatch>> match_neurons(const MatchRequest& request);

}  // namespace wmk::lineage
