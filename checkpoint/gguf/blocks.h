// Encodings of GGUF tensors that are stored in blocks.
//
// Lifetime and thread-safety: see Encoding.
#pragma once

#include <memory>
#include <vector>

#include "checkpoint/gguf/types.h"
#include "checkpoint/numbers/encoding.h"

namespace wmk::checkpoint {

// Where the blocks of a tensor are.
struct GgufPlace {
  uint32_t file = 0;
  uint64_t offset = 0;  // from the start of the file
  uint64_t bytes = 0;
  uint64_t columns = 0;  // of a row, which has whole blocks
};

// `type` has a decoder.
std::shared_ptr<const Encoding> gguf_blocks(const GgufType& type, const GgufPlace& place);

// The same for a query or key matrix, [out, in] or [out], whose rows were reordered by the
// conversion in each of `heads` heads of size d: stored row 2i + s was row s d/2 + i. decode()
// restores the original order. `rows` is a multiple of 2 heads.
std::shared_ptr<const Encoding> gguf_rotary_rows(const GgufType& type, const GgufPlace& place,
                                                 uint64_t rows, uint64_t heads);

}  // namespace wmk::checkpoint
