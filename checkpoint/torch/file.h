// One PyTorch file (.bin, .pt, .pth): a zip archive of a pickle and of storages.
//
// Purpose: makes a directory of tensors and checks that each is inside its storage
// (specs/torch.md). Nothing in the file is executed. Thread-safety: pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"
#include "checkpoint/torch/state_dict.h"

namespace wmk::checkpoint {

struct TorchFile {
  std::vector<Tensor> tensors;  // by offset, then name
  std::vector<std::pair<std::string, PickledAttribute>> attributes;
  std::vector<std::string> notes;
};

// Errors do not name the file. `file_index` becomes Tensor::file.
Result<TorchFile> read_torch_file(const ReadFile& file, uint32_t file_index,
                                  PickleNames names = PickleNames::state_dict);

// One tensor without a name that was saved alone. `part` is the archive, which begins at byte
// `begin` of the file with that index.
Result<Tensor> read_torch_tensor(const ReadFile& part, uint32_t file_index, uint64_t begin);

}  // namespace wmk::checkpoint
