// One matrix of one expert, made from a dense one when the plan is executed.
//
// Lifetime: shares ownership of the checkpoint it reads. Thread-safety: plain values; planned
// sources may run concurrently.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lab/model/plan.h"

namespace wmk::lab {

enum class NeuronAxis { rows, columns };  // whether the neurons of a matrix are rows or columns

struct ExpertMatrix {
  std::shared_ptr<const checkpoint::Checkpoint> base;
  PlannedTensor dense;
  NeuronAxis axis = NeuronAxis::rows;
  std::vector<uint64_t> neurons;  // of the dense matrix; empty: all of them, in order
  std::vector<uint64_t> renewed;  // indices into `neurons` that are re-initialised
  double drift = 0;
  uint64_t seed = 1;
  std::string purpose;  // of the random numbers; set by planned()
};

// The tensor `name` that will hold the matrix, in the file and type of the dense one.
PlannedTensor planned(ExpertMatrix matrix, std::string name);

}  // namespace wmk::lab
