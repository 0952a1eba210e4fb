// The scale of each row of logits (specs/output.md 3.3).
//
// Thread-safety: pure functions, on the caller's thread.
#pragma once

#include <cstdint>
#include <vector>

namespace wmk::embed {

// Powers of two that rows are divided by: 0 for usual ones. A row whose deviation is not within 2^6
// of the median is brought to the median; all are brought to 1 if the median is not within 2^30 of
// it. `values`: rows x columns; only columns that are used count, at least one.
std::vector<int> row_exponents(const std::vector<float>& values, const std::vector<uint8_t>& used,
                               size_t rows);

void divide_by_power(int exponent, size_t count, float* values);

}  // namespace wmk::embed
