// What opening a container of weights gives, whatever the format.
//
// Purpose: each format has one function that turns files into a directory of tensors; Checkpoint
// chooses the format and keeps what it got. Lifetime: plain values, owned by the Checkpoint.
// Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

inline constexpr size_t kShardsMax = 10'000;
inline constexpr size_t kTensorsMax = 4'000'000;
inline constexpr std::string_view kSafetensorsSuffix = ".safetensors";
inline constexpr std::string_view kSafetensorsIndexSuffix = ".safetensors.index.json";
inline constexpr std::string_view kTorchIndexSuffix = ".bin.index.json";

struct Contents {
  // "safetensors", "GGUF", "PyTorch". Only the first can be marked.
  std::string_view format = "safetensors";
  std::vector<ReadFile> files;
  std::vector<Tensor> tensors;  // names are distinct only within one file
  // What the files hold, where dequantise() put other tensors in their place; else empty.
  std::vector<Tensor> stored;
  std::string quantisation;  // "GPTQ 4 bit, group 128 (210 tensors)", or empty
  // Groups of quantised tensors that are not read: name without ".weight", reason.
  std::vector<std::pair<std::string, Error>> refusals;
  // Things worth telling that are no errors.
  std::vector<std::string> notes;
  // Where the container says itself what else lies in config.json and the tokenizer (GGUF).
  std::optional<Config> config;
  std::optional<std::vector<std::string>> vocabulary;  // by row
};

// An Error where one more file with that many tensors would pass the limits.
Status check_room(const Contents& contents, size_t tensors);

// `path` is `folder` itself, an index in it or one *.safetensors file.
Result<Contents> open_safetensors(const std::filesystem::path& path,
                                  const std::filesystem::path& folder);

// Whether a folder has what safetensors are found by, a file or an index; true where it cannot be
// listed.
bool has_safetensors(const std::filesystem::path& folder);

// `path` begins with "GGUF", or is `folder`, holds *.gguf and has no safetensors.
bool holds_gguf(const std::filesystem::path& path, const std::filesystem::path& folder);
// `path` is `folder` itself or one GGUF file; naming any part of a split one opens all.
Result<Contents> open_gguf(const std::filesystem::path& path, const std::filesystem::path& folder);
// `path` is `folder` itself, an index in it or one file, whatever its name.
Result<Contents> open_torch(const std::filesystem::path& path, const std::filesystem::path& folder);
// Whether the weights of a folder are those of PyTorch: none is safetensors.
bool is_torch_folder(const std::filesystem::path& folder);
bool is_torch_file(const std::filesystem::path& file);

}  // namespace wmk::checkpoint
