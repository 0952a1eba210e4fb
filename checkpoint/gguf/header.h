// The header of one GGUF file (specs/gguf.md).
//
// Purpose: reads and validates the whole header, but no weights. Lifetime: owns its data.
// Thread-safety: pure function.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "checkpoint/gguf/types.h"
#include "checkpoint/gguf/values.h"

namespace wmk::checkpoint {

struct GgufTensor {
  std::string name;
  const GgufType* type = nullptr;
  std::vector<uint64_t> shape;  // slowest dimension first, as everywhere in this program
  uint64_t offset = 0;          // from the start of the file
  uint64_t bytes = 0;
};

struct GgufHeader {
  GgufValues values;
  std::vector<GgufTensor> tensors;
};

// Errors do not name the file.
Result<GgufHeader> read_gguf_header(const ReadFile& file);

}  // namespace wmk::checkpoint
