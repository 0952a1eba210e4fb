// Neurons of one layer beside all neurons of another (specs/lineage.md 6).
//
// Purpose: for a sample of neurons, finds the neuron of the other layer whose gate row is closest,
// whose up row is closest, whose down column is closest, each by itself and exhaustively.
// Thread-safety: pure; a call uses one thread.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct NeuronMatch {
  size_t group = 0;   // of the queries' anatomy
  uint64_t unit = 0;  // in that group
  bool alive = false;
  // Neurons of the other layer, numbered through its groups.
  uint64_t by_gate = 0, by_up = 0, by_down = 0;
  double gate_cosine = 0;
  // <up, up'> + <down, down'> with the neuron found by gate rows alone.
  double x = 0;
};

struct LayerMatch {
  std::vector<NeuronMatch> matches;
  uint64_t neurons = 0;  // of the other layer
  bool gated = true;
};

struct MatchRequest {
  const Side* queries = nullptr;
  const Gauge* gauge = nullptr;  // of the queries; null: none
  std::vector<uint64_t> query_layers;
  const Side* others = nullptr;
  uint64_t other_layer = 0;
  uint64_t samples = 0;  // of each query layer
  uint64_t seed = 1;
  bool not_itself = false;  // a query layer is the other layer: no neuron is its own partner
};
// By query layer; the other layer is read once for all.
Result<std::vector<LayerMatch>> match_neurons(const MatchRequest& request);

}  // namespace wmk::lineage
