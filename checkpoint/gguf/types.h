// The tensor types of GGUF.
//
// Purpose: values and bytes of a block, and the function that decodes it.
// Thread-safety: constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

// Writes the values of `count` blocks.
using DecodeBlocks = void (*)(const std::byte* blocks, size_t count, float* out);

struct GgufType {
  uint32_t id = 0;
  std::string_view name;
  uint32_t elements = 1;  // of a block
  uint32_t bytes = 0;
  DecodeBlocks decode = nullptr;    // none: not decoded (integers, F64)
  std::optional<DType> plain = {};  // packed numbers that need no decoding
};

// Null: unknown, removed from the format, or never stored in files.
const GgufType* find_gguf_type(uint32_t id);

}  // namespace wmk::checkpoint
