#include "stats/vectors.h"

#include <bit>

#include "base/simd.h"

namespace wmk::stats {

namespace {

// Adding 1.5 * 2^52 leaves the rounded integer in the low bits of the sum.
inline int64_t rounded(double value) {
  constexpr double magic = 0x1.8p52;
  return std::bit_cast<int64_t>(value + magic) - std::bit_cast<int64_t>(magic);
}

}  // namespace

WMK_VECTORIZED void multiply(const float* factors, size_t count, float* values) {
  for (size_t i = 0; i < count; ++i) values[i] *= factors[i];
}

WMK_VECTORIZED void scale(float factor, size_t count, float* values) {
  for (size_t i = 0; i < count; ++i) values[i] *= factor;
}

WMK_VECTORIZED void add_scaled(float factor, const float* values, size_t count, float* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += factor * values[i];
}

WMK_VECTORIZED double dot(const float* a, const float* b, size_t count) {
  double lanes[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      lanes[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(a[i]) * b[i];
  for (double lane : lanes) sum += lane;
  return sum;
}

WMK_VECTORIZED double sum_of_squares(const float* values, size_t count) {
  double lanes[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      const double x = values[i + k];
      lanes[k] += x * x;
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(values[i]) * values[i];
  for (double lane : lanes) sum += lane;
  return sum;
}

WMK_VECTORIZED double sum_of_squares(const int64_t* values, size_t count) {
  double lanes[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      const double x = static_cast<double>(values[i + k]);
      lanes[k] += x * x;
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  for (double lane : lanes) sum += lane;
  return sum;
}

WMK_VECTORIZED void gather(const float* from, const uint32_t* index, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = from[index[i]];
}

WMK_VECTORIZED void add_fixed_point(const float* values, size_t count, double unit, int64_t* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += rounded(values[i] * unit);
}

WMK_VECTORIZED void scale_fixed_point(double factor, size_t count, int64_t* values) {
  for (size_t i = 0; i < count; ++i) values[i] = rounded(static_cast<double>(values[i]) * factor);
}

WMK_VECTORIZED void add(const int64_t* values, size_t count, int64_t* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += values[i];
}

}  // namespace wmk::stats
