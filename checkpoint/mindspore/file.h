// One MindSpore checkpoint (.ckpt): a protobuf message of named tensors.
//
// Purpose: makes a directory of tensors; contents are not read (specs/mindspore.md). Thread-safety:
// pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

struct MindSporeFile {
  std::vector<Tensor> tensors;  // in the order of the file
  std::vector<std::string> notes;
};

// Errors do not name the file. `file_index` becomes Tensor::file.
Result<MindSporeFile> read_mindspore_file(const ReadFile& file, uint32_t file_index);

}  // namespace wmk::checkpoint
