// Stored elements to float, in bulk: the only place where weights become numbers.
//
// Thread-safety: pure functions. Exact: every stored value has its own float.
#pragma once

#include <cstddef>
#include <cstdint>

#include "checkpoint/dtype.h"

namespace wmk::checkpoint {

// Widens `count` elements at `from` (no alignment needed). `type` is a weight type (is_weight_type).
void widen(DType type, const std::byte* from, size_t count, float* to);
// The same for every `step`-th element: to[i] = from[i * step].
void widen_strided(DType type, const std::byte* from, size_t count, size_t step, float* to);

}  // namespace wmk::checkpoint
