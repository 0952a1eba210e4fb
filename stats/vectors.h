// Light loops over plain arrays.
//
// Purpose: what several rooms do to a row of numbers, once, dispatched at run time (base/simd.h).
// Sums run over a fixed number of lanes: the same bits on every machine. Thread-safety: pure.
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

// Fixed point: sums of whole numbers come out the same in any order, to the bit.
// Adds round(values[i] * unit) to sums[i]; products must stay below 2^51.
void add_fixed_point(const float* values, size_t count, double unit, int64_t* sums);
// out[i] = round(values[i] * unit).
void to_fixed_point(const float* values, size_t count, double unit, int64_t* out);
void add(const int64_t* values, size_t count, int64_t* sums);
void subtract(const int64_t* values, size_t count, int64_t* sums);

}  // namespace wmk::stats
