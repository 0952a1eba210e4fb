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
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/contents.h"
#include "checkpoint/tensor.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::checkpoint {

class Checkpoint {
 public:
  // A folder (Hugging Face layout), a .safetensors file, a *.safetensors.index.json or a GGUF file
  // (open_gguf.cc). A folder
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
  // What the container itself says of the model (GGUF), if anything.
  const std::optional<Config>& own_config() const { return contents_.config; }
  const std::optional<std::vector<std::string>>& own_vocabulary() const {
    return contents_.vocabulary;
  }

  const std::vector<ReadFile>& files() const { return contents_.files; }
  // Sorted by file, then by offset.
  const std::vector<Tensor>& tensors() const { return contents_.tensors; }
  const Tensor* find(std::string_view name) const;
  // What the files hold, byte for byte: other tensors than tensors() where some are quantised.
  const std::vector<Tensor>& stored_tensors() const {
    return contents_.stored.empty() ? contents_.tensors : contents_.stored;
  }
  // "GPTQ 4 bit, group 128 (210 tensors)"; empty where nothing was dequantised.
  const std::string& quantisation() const { return contents_.quantisation; }
  // Why quantised tensors are not read, by name without ".weight".
  const std::vector<std::pair<std::string, Error>>& refusals() const { return contents_.refusals; }

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
  Status dequantise();
  Status decode_run(const Tensor& tensor, uint64_t first, std::span<float> out) const;

  std::filesystem::path path_;
  std::filesystem::path folder_;
  bool single_file_ = false;
  Contents contents_;
  std::unordered_map<std::string_view, size_t> by_name_;  // views into contents_.tensors
};

// What is known of the model beside its weights, wherever the container keeps it.
Result<Config> read_config(const Checkpoint& checkpoint);
Result<Vocabulary> read_vocabulary(const Checkpoint& checkpoint, uint64_t rows);

// An Error with advice for containers that are read only.
Status check_markable(const Checkpoint& checkpoint);

}  // namespace wmk::checkpoint
