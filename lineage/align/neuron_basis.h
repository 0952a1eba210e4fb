// T2 by neurons: the change of basis that maps the suspect's gate rows to the reference's
// (specs/lineage.md 4).
//
// Purpose: needs no token, and works where embedding, vocabulary, width and order of layers differ.
// It reads gate rows, lengths of up rows and down columns, and nothing of attention, so that tests
// of signs stay exact. Thread-safety: brings its own workers.
#pragma once

#include <optional>

#include "lineage/align/layer_map.h"
#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct NeuronBasis {
  std::optional<Basis> basis;
  std::string missing;            // why there is no basis
  std::vector<LayerPair> layers;  // corresponding layers, by ascending layers of the reference
  uint64_t pairs = 0;
  double cosine = 0;  // mean over the pairs
};
Result<NeuronBasis> find_neuron_basis(const ModelPair& pair);

// The first pair of each layer of the reference, by ascending layers of the reference. A second
// would toss the coins of its neurons again, and in a suspect that repeats layers they would fall
// alike.
std::vector<LayerPair> one_to_one(std::vector<LayerPair> layers);

// How closely the paired gate rows agree: descriptive, since the map was fitted to them.
TestResult neuron_basis_result(const NeuronBasis& found);

}  // namespace wmk::lineage
