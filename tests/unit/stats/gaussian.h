// Gaussian numbers for tests of stats.
//
// Thread-safety: pure functions.
#pragma once

#include <random>
#include <vector>

namespace wmk::test {

template <class T>
std::vector<T> gaussian(size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<T> normal;
  std::vector<T> out(count);
  for (T& value : out) value = normal(engine);
  return out;
}

}  // namespace wmk::test
