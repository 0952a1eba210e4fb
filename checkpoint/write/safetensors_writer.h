// Writes new safetensors files.
//
// Purpose: lays out files and headers; tensors then follow in any order. A copy that keeps the
// headers of its source is made by CheckpointCopy. Lifetime: owns the files. Thread-safety: after
// create(), tensors may be written from several threads.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

struct NewSafetensors {
  std::string name;
  std::vector<std::pair<std::string, std::string>> metadata;
};

class SafetensorsWriter {
 public:
  // Creates `files` in `folder`, which exists, and writes their headers. Tensor::file is an index
  // into `files`; the tensors of a file are stored in the order given. Tensor::offset is ignored.
  static Result<SafetensorsWriter> create(const std::filesystem::path& folder,
                                          const std::vector<NewSafetensors>& files,
                                          std::vector<Tensor> tensors);

  // The given tensors with their offsets. Data are written to file(tensor.file).
  const std::vector<Tensor>& tensors() const { return tensors_; }
  const WriteFile& file(size_t index) const { return files_[index]; }
  // Flushes all files to the disk.
  Status finish();

 private:
  std::vector<Tensor> tensors_;
  std::vector<WriteFile> files_;
};

// The index of several files: "total_size", and the file of each tensor, by name.
std::string safetensors_index_text(const std::vector<NewSafetensors>& files,
                                   const std::vector<Tensor>& tensors);

}  // namespace wmk::checkpoint
