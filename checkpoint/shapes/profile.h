// A sample of a matrix of units: the lengths of its rows and columns.
//
// Purpose: statistics that know no key. In a trained FFN the up row of a neuron and its down column
// have lengths that go together, and so have the norm weight of a coordinate and the length of that
// column; scaling one against the other makes this stronger. They tell which matrices belong
// together where names and order say nothing. Thread-safety: pure functions; profile_of reads.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "checkpoint/shapes/slots.h"

namespace wmk::checkpoint {

// Logarithms of lengths over the sample, with mean 0 and deviation 1; empty: not read, or all are
// equal.
struct Profile {
  std::vector<float> units, coordinates;
};

inline constexpr uint64_t kUnitsSampled = 256;
// Of the first units of the slice.
Profile profile_of(const Checkpoint& checkpoint, const View& view, uint64_t units, uint64_t width);

// The coordinates of such profiles, each read once. One thread.
class ColumnLengths {
 public:
  explicit ColumnLengths(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}
  const std::vector<float>& of(const View& view, uint64_t units, uint64_t width);

 private:
  const Checkpoint& checkpoint_;
  std::map<std::array<uint64_t, 6>, std::vector<float>> known_;
};

// With mean 0 and deviation 1; empty: too short, not finite or all equal.
std::vector<float> normalised(std::vector<float> values);
// Logarithms with mean 0 and deviation 1, as in a Profile.
std::vector<float> standardised(std::vector<float> lengths);

// Correlation without its sign; 0 if one is empty or the sizes differ.
double agreement(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace wmk::checkpoint
