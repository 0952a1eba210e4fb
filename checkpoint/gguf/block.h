// Helpers of all decoders of GGUF blocks. Thread-safety: pure functions.
#pragma once

#include "base/bytes.h"
#include "checkpoint/numbers/scalar.h"

namespace wmk::checkpoint {

inline const uint8_t* bytes_of(const std::byte* block) {
  return reinterpret_cast<const uint8_t*>(block);
}

inline float half_at(const uint8_t* from) { return float_of_f16(load_le<uint16_t>(from)); }

}  // namespace wmk::checkpoint
