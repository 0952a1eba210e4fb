// Stored elements to floats, in bulk.
//
// Thread-safety: pure functions. Exact for every type but F64, which is rounded to nearest
// (single values: scalar.h).
#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

// Types that widen() reads: the weight types and F64.
bool has_float_value(DType type);

// Elements of `bytes` (any alignment) as floats; `bytes` holds out.size() elements of `type`, which
// has_float_value.
void widen(DType type, ByteView bytes, std::span<float> out);

// Every `step`-th element only; `bytes` holds (out.size() - 1) * step + 1 elements.
void widen_strided(DType type, ByteView bytes, size_t step, std::span<float> out);

}  // namespace wmk::checkpoint
