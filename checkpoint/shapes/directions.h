// Which matrices have neurons in common, by the directions of their vectors.
//
// Purpose: in a trained FFN the gate, up and down vectors of one neuron are far from orthogonal,
// and vectors of different FFNs nearly are. No scale, sign or order of neurons changes that; it
// knows no key. Lifetime: values. Thread-safety: pure functions; directions_of reads.
#pragma once

#include <vector>

#include "checkpoint/shapes/ffn_sets.h"

namespace wmk::checkpoint {

// The first vectors of a matrix, each of length 1; empty: not read.
struct Directions {
  std::vector<float> values;  // count x width
  uint64_t width = 0;
};
Directions directions_of(const Checkpoint& checkpoint, const View& view, uint64_t units,
                         uint64_t width);

// The mean of the squared cosines of vectors with one number, times the width: about 1 between
// random vectors, 3 to 90 within one FFN of a trained model. 0: not read.
double alignment(const Directions& a, const Directions& b);

// The mean alignment of matrices of one FFN, over some of the FFNs.
double alignment_of(const Checkpoint& checkpoint, const FfnSet& set, uint64_t width);

// Takes `slots` (of one size, rows and columns) together as FFNs by the alignment of their
// vectors, in the order of their down matrices. Empty: too many to compare, or not read.
FfnSet match_by_direction(const Checkpoint& checkpoint, const std::vector<Slot>& slots,
                          uint64_t width);

}  // namespace wmk::checkpoint
