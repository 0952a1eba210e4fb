// A sample of a matrix of units: the lengths of its rows and columns.
//
// Purpose: statistics that know no key. In a trained FFN the up row of a neuron and its down column
// have lengths that go together, and so have the norm weight of a coordinate and the length of that
// column; scaling one against the other makes this stronger. They tell which matrices belong
// together where names and order say nothing. Thread-safety: pure functions; profile_of reads.
#pragma once

#include <vector>

#include "checkpoint/shapes/slots.h"

namespace wmk::checkpoint {

// Logarithms of lengths over the sample, with mean 0 and deviation 1; empty: not read, or all are
// equal.
struct Profile {
  std::vector<float> units, coordinates;
};

// Of the first units of the slice.
Profile profile_of(const Checkpoint& checkpoint, const View& view, uint64_t units, uint64_t width);

// Logarithms with mean 0 and deviation 1, as in a Profile.
std::vector<float> standardised(std::vector<float> lengths);

// Correlation without its sign; 0 if one is empty or the sizes differ.
double agreement(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace wmk::checkpoint
