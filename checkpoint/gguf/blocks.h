// Values of a GGUF tensor that is stored in blocks.
//
// Purpose: the Encodings of GGUF. Lifetime, thread-safety: as Encoding.
#pragma once

#include <memory>
#include <vector>

#include "checkpoint/gguf/types.h"
#include "checkpoint/numbers/encoding.h"

namespace wmk::checkpoint {

// Where the blocks of a tensor lie.
struct GgufPlace {
  uint32_t file = 0;
  uint64_t offset = 0;  // from the start of the file
  uint64_t bytes = 0;
  uint64_t columns = 0;  // of a row: whole blocks
};

// `type` has a decoder.
std::shared_ptr<const Encoding> gguf_blocks(const GgufType& type, const GgufPlace& place);

// The same for a query or key matrix, [out, in] or [out], whose rows conversion reordered in each
// of `heads` heads: stored row 2i + s is row s d/2 + i. `rows` is a multiple of 2 heads. Rows come
// in the order they had before.
std::shared_ptr<const Encoding> gguf_rotary_rows(const GgufType& type, const GgufPlace& place,
                                                 uint64_t rows, uint64_t heads);

}  // namespace wmk::checkpoint
