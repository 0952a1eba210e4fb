// A checkpoint on disk: its files and one directory of all their tensors.
//
// Purpose: one view of the tensors, whatever the file format; anatomy.h says what they mean.
// Opening reads and validates all headers (specs/checkpoint.md), but no weights. Lifetime: owns the
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
#include "checkpoint/quantised/dequantise.h"
#include "checkpoint/tensor.h"
#include "checkpoint/text/tokenizer.h"
#include "checkpoint/weight_sets.h"

namespace wmk::checkpoint {

struct OpenOptions {
  std::optional<WeightSet> set = std::nullopt;  // of the folder; none: the declared one
  NumbersReading numbers = {};                  // of quantised tensors
};

class Checkpoint {
 public:
  // Opens a folder (Hugging Face layout), one weights file (safetensors, GGUF, PyTorch) or an
  // index. In a folder, the weights are those that transformers would open, or else those of the
  // only index, a complete set of shards or all *.safetensors files (specs/checkpoint.md 1).
  static Result<Checkpoint> open(const std::filesystem::path& path,
                                 const OpenOptions& options = {});
  // Opens a low-rank adapter merged with its base. folder() is the folder of the base.
  static Result<Checkpoint> open_merged(const std::filesystem::path& adapter,
                                        const std::filesystem::path& base);
  // A copy of `source` whose weights are in `files`: the same headers, the same places of tensors.
  // Error (malformed) if the sizes differ.
  static Result<Checkpoint> copy_of(const Checkpoint& source, std::vector<ReadFile> files);

  // As the user named it.
  const std::filesystem::path& path() const { return path_; }
  // Where the tokenizer and all companions are.
  const std::filesystem::path& folder() const { return folder_; }
  // Where config.json is: folder(), but for a set of weights in a subfolder with its own.
  const std::filesystem::path& config_folder() const { return config_folder_; }
  // The user named one weights file, not a folder or an index.
  bool is_single_file() const { return single_file_; }

  std::string_view format() const { return contents_.format; }
  // Config and tokens inside the weights file (GGUF), if any.
  const std::optional<Config>& own_config() const { return contents_.config; }
  const std::optional<SpelledTokens>& own_tokens() const { return contents_.tokens; }

  const std::vector<ReadFile>& files() const { return contents_.files; }
  // Sorted by file, then by offset.
  const std::vector<Tensor>& tensors() const { return contents_.tensors; }
  const Tensor* find(std::string_view name) const;
  // The tensors as stored. They differ from tensors() where some are quantised.
  const std::vector<Tensor>& stored_tensors() const {
    return contents_.stored.empty() ? contents_.tensors : contents_.stored;
  }
  // "GPTQ 4 bit, group 128 (210 tensors)"; empty: nothing was dequantised.
  const std::string& quantisation() const { return contents_.quantisation; }
  // Quantised tensors that are not read (name without ".weight"), and why.
  const std::vector<std::pair<std::string, Error>>& refusals() const { return contents_.refusals; }

  // Reads `out.size()` bytes from byte `offset` of the tensor. An encoded tensor is read as floats:
  // then `offset` and size are multiples of 4, and `out` is aligned for float.
  Status read(const Tensor& tensor, uint64_t offset, std::span<std::byte> out) const;
  // Pieces of a tensor that is not encoded; `runs.offset` is within it.
  Status read_runs(const Tensor& tensor, Runs runs, std::span<std::byte> out) const;
  // The values of a part of an encoded tensor, row-major.
  Status decode(const Tensor& tensor, const Rectangle& part, std::span<float> out) const;

  // How numbers were read; numbers_variants() lists other ways.
  const NumbersReading& numbers() const { return numbers_; }

  // Warnings, such as a wrong total_size or weights files that are not part of the model.
  const std::vector<std::string>& notes() const { return contents_.notes; }

 private:
  Checkpoint() = default;
  void set_folders(const std::filesystem::path& path, const std::optional<WeightSet>& set);
  Status build_directory();
  Status dequantise();
  Status decode_run(const Tensor& tensor, uint64_t first, std::span<float> out) const;

  std::filesystem::path path_;
  std::filesystem::path folder_;
  std::filesystem::path config_folder_;
  NumbersReading numbers_;
  bool single_file_ = false;
  Contents contents_;
  std::unordered_map<std::string_view, size_t> by_name_;  // views into contents_.tensors
};

// Config and vocabulary, from the weights file itself or from files beside it.
Result<Config> read_config(const Checkpoint& checkpoint);
Result<Vocabulary> read_vocabulary(const Checkpoint& checkpoint, uint64_t rows);
// The same for a suspect: read leniently where that is needed, and a tokenizer that cannot be read
// at all is a `fault` of the vocabulary, whose rows are then numbered.
Result<Vocabulary> read_vocabulary_or_fault(const Checkpoint& checkpoint, uint64_t rows);

// The sets of weights in the model's folder other than the one that `checkpoint` is: none if the
// user named a file or an index.
std::vector<WeightSet> other_weight_sets(const Checkpoint& checkpoint);

// Other ways to read the numbers of `checkpoint`, each with words: "zero points ignored".
struct NumbersVariant {
  std::string words;
  NumbersReading numbers;
};
std::vector<NumbersVariant> numbers_variants(const Checkpoint& checkpoint);

// An Error (unsupported) where the format cannot be marked.
Status check_markable(const Checkpoint& checkpoint);

}  // namespace wmk::checkpoint
