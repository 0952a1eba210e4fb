// Which neurons of an FFN may have one gate direction: tables of sign bits (specs/careful.md 2).
//
// Purpose: two directions of cosine .99 have equal signs in 95 % of their coordinates, so that some
// run of coordinates has all signs equal. Neurons are sorted by such runs, and neighbours compared;
// the time is linear in their number whatever the directions are. Lifetime: values. Thread-safety:
// pure functions and values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wmk::neurons {

// Signs of up to 128 coordinates of each neuron's gate direction.
class GateSigns {
 public:
  static constexpr size_t kBitsMax = 128;
  static constexpr size_t kBitsMin = 64;  // fewer say too little

  explicit GateSigns(size_t coordinates);

  size_t bits() const { return bits_; }
  size_t units() const { return words_[0].size(); }
  // Appends `count` neurons; y: coordinates x count, row-major.
  void append(std::span<const float> y, size_t count);
  // The signs of all neurons, 64 in a word.
  const std::vector<uint64_t>& words(size_t index) const { return words_[index]; }

 private:
  size_t bits_;
  std::array<std::vector<uint64_t>, 2> words_;
};

struct UnitPair {
  uint32_t first, second;  // first < second
};

// Pairs to compare, at most a few for each neuron: each is among the nearest of some table, and few
// of its signs differ. `present`: 0 for neurons that are skipped.
std::vector<UnitPair> likely_pairs(const GateSigns& signs, std::span<const uint8_t> present);

// Sets of connected numbers.
class Components {
 public:
  explicit Components(size_t count);
  uint32_t root(uint32_t unit);
  // False if they were connected already.
  bool join(uint32_t a, uint32_t b);

 private:
  std::vector<uint32_t> parent_;
};

}  // namespace wmk::neurons
