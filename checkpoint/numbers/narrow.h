// Floats to stored elements, by round to nearest, ties to even.
//
// Purpose: the encoding half of scalar.h, for tools that write plain values (the lab). The mark has
// its own stochastic rounding. Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <span>

#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

// `type` is a weight type (is_weight_type); `out` holds values.size() elements of it. Beyond the
// largest finite value f16 and bf16 give infinity, as IEEE 754 says; both kinds of fp8 saturate, as
// tools that make fp8 checkpoints do. A NaN stays a NaN.
void narrow(DType type, std::span<const float> values, std::span<std::byte> out);

}  // namespace wmk::checkpoint
