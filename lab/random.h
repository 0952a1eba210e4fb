// Random numbers that are the same on every machine.
//
// Purpose: attacks and demo models must be reproducible from a seed. The engine is std::mt19937_64;
// the distributions of the standard library differ between implementations and are not used. Not
// for keys or other secrets. Lifetime: a plain value. Thread-safety: one owner. Give each task its
// own Random with its own purpose, so that the order of tasks does not matter.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace wmk::lab {

class Random {
 public:
  // `purpose` gives each use of a seed its own stream ("permute/layer 3").
  Random(uint64_t seed, std::string_view purpose);

  uint64_t bits() { return engine_(); }
  double uniform();                         // in [0, 1)
  double uniform(double low, double high);  // in [low, high)
  uint64_t below(uint64_t bound);           // in [0, bound), every number equally likely
  float gaussian();                         // N(0, 1), by the Box-Muller method
  // 0..count-1 in random order (Fisher-Yates shuffle).
  std::vector<uint64_t> permutation(uint64_t count);
  // `chosen` of the numbers 0..count-1, in ascending order.
  std::vector<uint64_t> choose(uint64_t count, uint64_t chosen);

 private:
  std::mt19937_64 engine_;
  float spare_ = 0;
  bool has_spare_ = false;
};

// Adds N(0, sd^2) to every value.
void add_noise(std::span<float> values, double sd, Random& random);

// Root of the mean squared distance from the mean.
double standard_deviation(std::span<const float> values);

}  // namespace wmk::lab
