// Floats to stored elements, by round to nearest, ties to even.
//
// Purpose: the inverse of widen.h for tools that write plain values (the lab). The mark uses its
// own stochastic rounding. Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <span>

#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

// `type` is a weight type (is_weight_type); `out` holds values.size() elements of it. Above the
// largest finite value f16 and bf16 become infinity, as in IEEE 754; both fp8 types saturate, as in
// the tools that make fp8 checkpoints. A NaN stays a NaN.
void narrow(DType type, std::span<const float> values, std::span<std::byte> out);

}  // namespace wmk::checkpoint
