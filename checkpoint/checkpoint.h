// A checkpoint on disk: its files and one directory of all their tensors.
//
// Purpose: formats know bytes, naming rules know names (anatomy.h); this is where they meet.
// Opening reads and validates every header (specs/checkpoint.md) and no weights. Lifetime: owns the
// open files. Thread-safety: read() may be called from any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/contents.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

class Checkpoint {
 public:
  // A folder (Hugging Face layout), a .safetensors file or a *.safetensors.index.json. A folder
  // with an index follows the index; without one, its model.safetensors, or else all its
  // *.safetensors files, which then must have distinct tensor names. PyTorch files likewise.
  static Result<Checkpoint> open(const std::filesystem::path& path);
  // A low-rank adapter laid over its base; folder() is that of the base.
  static Result<Checkpoint> open_merged(const std::filesystem::path& adapter,
                                        const std::filesystem::path& base);

  // As the user named it.
  const std::filesystem::path& path() const { return path_; }
  // Where config.json, the tokenizer and all companions are.
  const std::filesystem::path& folder() const { return folder_; }
  // The user named one weights file, not a folder or an index.
  bool is_single_file() const { return single_file_; }

  std::string_view format() const { return contents_.format; }

  const std::vector<ReadFile>& files() const { return contents_.files; }
  // Sorted by file, then by offset.
  const std::vector<Tensor>& tensors() const { return contents_.tensors; }
  const Tensor* find(std::string_view name) const;

  // Reads `out.size()` bytes from byte `offset` of the tensor. Of an encoded one these are the
  // bytes of its floats: whole ones, and `out` is aligned for them.
  Status read(const Tensor& tensor, uint64_t offset, std::span<std::byte> out) const;
  // The values of a part of an encoded tensor, row-major.
  Status decode(const Tensor& tensor, const Rectangle& part, std::span<float> out) const;

  // Things worth telling that are no errors: a wrong total_size, stray weights files.
  const std::vector<std::string>& notes() const { return contents_.notes; }

 private:
  Checkpoint() = default;
  Status build_directory();
  Status decode_run(const Tensor& tensor, uint64_t first, std::span<float> out) const;

  std::filesystem::path path_;
  std::filesystem::path folder_;
  bool single_file_ = false;
  Contents contents_;
  std::unordered_map<std::string_view, size_t> by_name_;  // views into contents_.tensors
};

}  // namespace wmk::checkpoint
