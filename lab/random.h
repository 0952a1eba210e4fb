// Random numbers that are the same everywhere.
//
// Purpose: attacks and demo models must be repeatable from a seed, so only std::mt19937_64 itself
// comes from the standard library; its distributions differ between libraries and are not used.
// Nothing here is secret or meant for keys.
// Lifetime: a plain value. Thread-safety: one owner; give each task a Random of its own purpose, so
// that the order of tasks does not matter.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace wmk::lab {

class Random {
 public:
  // `purpose` separates the uses of one seed ("permute/layer 3").
  Random(uint64_t seed, std::string_view purpose);

  uint64_t bits() { return engine_(); }
  double uniform();                         // in [0, 1)
  double uniform(double low, double high);  // in [low, high)
  uint64_t below(uint64_t bound);           // in [0, bound), every number equally likely
  float gaussian();                         // N(0, 1), by Box and Muller
  // 0..count-1 in random order (Fisher and Yates).
  std::vector<uint64_t> permutation(uint64_t count);
  // `chosen` of the numbers 0..count-1, ascending.
  std::vector<uint64_t> choose(uint64_t count, uint64_t chosen);

 private:
  std::mt19937_64 engine_;
  float spare_ = 0;
  bool has_spare_ = false;
};

// Adds N(0, sd^2) to every value.
void add_noise(std::span<float> values, double sd, Random& random);

// Root of the mean square distance from the mean.
double standard_deviation(std::span<const float> values);

}  // namespace wmk::lab
