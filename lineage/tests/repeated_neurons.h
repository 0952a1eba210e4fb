// T4d: does a model contain copies of its own neurons, as upcycled experts do? (specs/lineage.md 1)
//
// Purpose: the signs of copies are not independent, so this decides whose signs T4a and T4c use.
// Does not depend on the basis. Thread-safety: brings its own workers.
#pragma once

#include "lineage/tests/neuron_match.h"

namespace wmk::lineage {

struct RepeatedNeurons {
  bool suspect = false, reference = false;
};
Result<RepeatedNeurons> find_repeated_neurons(const ModelPair& pair);

// The number of workers whose samples of neurons fit into memory together.
unsigned affordable_threads(const ModelPair& pair, uint64_t samples);

}  // namespace wmk::lineage
