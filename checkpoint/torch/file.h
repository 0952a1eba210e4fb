// One PyTorch file (.bin, .pt, .pth): a zip archive of a pickle and of storages.
//
// Purpose: from the file to a directory of tensors, each held against the storage it lies in
// (specs/torch.md). Nothing of the file is executed. Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

struct TorchFile {
  std::vector<Tensor> tensors;  // by offset, then name
  std::vector<std::string> notes;
};

// Errors do not name the file. `file_index` goes into the tensors.
Result<TorchFile> read_torch_file(const ReadFile& file, uint32_t file_index);

}  // namespace wmk::checkpoint
