// Simple loops over plain arrays.
//
// Purpose: operations on rows of numbers that several modules share, dispatched at run time
// (base/simd.h). Sums use a fixed number of lanes: identical results on every machine.
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wmk::stats {

void multiply(const float* factors, size_t count, float* values);
void scale(float factor, size_t count, float* values);
// sums[i] += factor * values[i].
void add_scaled(float factor, const float* values, size_t count, float* sums);
double dot(const float* a, const float* b, size_t count);
double sum_of_squares(const float* values, size_t count);
double sum_of_squares(const int64_t* values, size_t count);
// to[i] = from[index[i]].
void gather(const float* from, const uint32_t* index, size_t count, float* to);

// Fixed point: sums of integers are exact, so they do not depend on the order.
// Adds round(values[i] * unit) to sums[i]; products must stay below 2^51.
void add_fixed_point(const float* values, size_t count, double unit, int64_t* sums);
// values[i] = round(values[i] * factor); results must stay below 2^51.
void scale_fixed_point(double factor, size_t count, int64_t* values);
void add(const int64_t* values, size_t count, int64_t* sums);

}  // namespace wmk::stats
