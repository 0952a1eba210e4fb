// What the .metadata file of a distributed checkpoint says: tensors, their chunks, and where they
// are.
//
// Purpose: the file is a pickle of dataclasses of torch.distributed.checkpoint; it is read as data
// (specs/stored_parts.md 2). Lifetime: values. Thread-safety: pure function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

// A box of a tensor, saved as an archive of its own in a part of a file.
struct DistributedChunk {
  std::vector<uint64_t> offsets, sizes;
  std::string file;
  uint64_t begin = 0, bytes = 0;
};

struct DistributedTensor {
  std::string name;
  std::optional<DType> dtype;  // none: a type that is not read
  std::vector<uint64_t> shape;
  std::vector<DistributedChunk> chunks;
};

struct DistributedMetadata {
  std::vector<DistributedTensor> tensors;
  uint64_t other_values = 0;  // not tensors: numbers, states
};

Result<DistributedMetadata> read_distributed_metadata(Bytes pickle);

}  // namespace wmk::checkpoint
