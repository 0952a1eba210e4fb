// One matrix of one expert, made from a dense one when the plan is carried out.
//
// Lifetime: shares the checkpoint it reads. Thread-safety: plain values; planned sources may run at
// the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lab/model/plan.h"

namespace wmk::lab {

struct ExpertMatrix {
  enum class Side { rows, columns };  // where a matrix keeps its neurons

  std::shared_ptr<const checkpoint::Checkpoint> base;
  PlannedTensor dense;
  Side side = Side::rows;
  std::vector<uint64_t> neurons;  // of the dense matrix; empty: all, in order
  std::vector<uint64_t> renewed;  // places among `neurons` that start anew
  double drift = 0;
  uint64_t seed = 1;
  std::string purpose;  // of the random numbers; planned() fills it in
};

// The tensor `name` that will hold the matrix, in the file and type of the dense one.
PlannedTensor planned(ExpertMatrix matrix, std::string name);

}  // namespace wmk::lab
