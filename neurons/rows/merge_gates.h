// Neurons with one gate direction are one neuron; which neurons matter.
//
// Purpose: which neurons have one gate is found as for careful sketches (careful/same_gate.h). What
// they compute together is sum of u (x) v; its length is computed from random projections of u and
// v, which are linear, so that parts that cancel do cancel.
// Thread-safety: one caller, except MergeInput::add for different rows.
#pragma once

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

inline constexpr size_t kSketch = 32;  // numbers of a projected up row or down column

struct MergeInput {
  MergeInput(const Rows& gates, size_t width, size_t count);
  // The up rows or down columns of neurons first, first + 1, ...
  void add(RowKind kind, size_t first, const Rows& rows, const std::vector<int>& exponents);

  const Rows& gates;            // unit rows, or zero
  std::vector<size_t> ffn;      // by neuron, one after the other: only those of one are merged
  std::vector<float> up, down;  // count x kSketch
  std::vector<int> exponents;   // log2 of the factor of u (x) v

 private:
  std::vector<float> signs_;  // width x kSketch
};

bool is_zero(const Rows& rows, size_t i);

// One neuron (the first) of each set with one gate direction, without the weak ones (kWeakest);
// ascending.
std::vector<uint32_t> strong_neurons(const MergeInput& input, unsigned threads);

}  // namespace wmk::neurons
