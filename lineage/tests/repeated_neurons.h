// T4d: does a model hold copies of its own neurons? (specs/lineage.md 1)
//
// Purpose: copies share their signs, so they decide which side may carry the signs of T4a. Looked
// for once, whatever the coordinates. Thread-safety: brings its own workers.
#pragma once

#include "lineage/tests/neuron_match.h"

namespace wmk::lineage {

struct ModelCopies {
  bool suspect = false, reference = false;
};
Result<ModelCopies> find_copies(const Pair& pair);

// What a worker's sample of neurons may take, all workers together: fewer of them where it is more.
unsigned affordable_threads(const Pair& pair, uint64_t samples);

}  // namespace wmk::lineage
