// What the reader of each file format returns.
//
// Purpose: each format has one function that turns files into a directory of tensors. Checkpoint
// chooses the format and keeps the result. Lifetime: plain values, owned by the Checkpoint.
// Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/tensor.h"
#include "checkpoint/text/config.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::checkpoint {

inline constexpr size_t kShardsMax = 10'000;
inline constexpr size_t kTensorsMax = 4'000'000;
inline constexpr std::string_view kSafetensorsSuffix = ".safetensors";
inline constexpr std::string_view kSafetensorsIndexSuffix = ".safetensors.index.json";
inline constexpr std::string_view kTorchIndexSuffix = ".bin.index.json";
// What transformers opens in a folder, in this order; the last two are PyTorch.
inline constexpr std::string_view kUsualSafetensors = "model.safetensors";
inline constexpr std::string_view kUsualSafetensorsIndex = "model.safetensors.index.json";
inline constexpr std::string_view kUsualTorch = "pytorch_model.bin";
inline constexpr std::string_view kUsualTorchIndex = "pytorch_model.bin.index.json";

// A value beside the tensors that says how they are stored ("layer.W_q" has "layer.nbits").
using StoredAttribute = std::variant<int64_t, std::string, std::vector<int64_t>>;

struct Contents {
  // "safetensors", "GGUF", "PyTorch", "MindSpore", ... Only the first can be marked.
  std::string_view format = "safetensors";
  std::vector<ReadFile> files;
  std::vector<Tensor> tensors;  // names are distinct only within one file
  // The tensors as stored, if dequantise() replaced some of them; else empty.
  std::vector<Tensor> stored;
  // By name; only PyTorch files have such values.
  std::unordered_map<std::string, StoredAttribute> attributes;
  std::string quantisation;  // "GPTQ 4 bit, group 128 (210 tensors)", or empty
  // Groups of quantised tensors that are not read: name without ".weight", reason.
  std::vector<std::pair<std::string, Error>> refusals;
  // Warnings.
  std::vector<std::string> notes;
  // Only where the weights file has them itself (GGUF).
  std::optional<Config> config;
  std::optional<SpelledTokens> tokens;
};

// An Error (limit_exceeded) if one more file with that many tensors would exceed the limits.
Status check_limits(const Contents& contents, size_t tensors);

// `path` is `folder` itself, an index in it or one *.safetensors file.
Result<Contents> open_safetensors(const std::filesystem::path& path,
                                  const std::filesystem::path& folder);

// These files of `folder` together.
Result<Contents> open_safetensors_files(const std::filesystem::path& folder,
                                        const std::vector<std::string>& names);

// Whether the folder has a safetensors file or index; true if the folder cannot be listed.
bool has_safetensors(const std::filesystem::path& folder);

// `path` begins with "GGUF", or is `folder`, holds *.gguf and has no safetensors, pytorch_model.bin
// or pytorch_model.bin.index.json.
bool holds_gguf(const std::filesystem::path& path, const std::filesystem::path& folder);
// `path` is `folder` itself or one GGUF file; naming one part of a split model opens all parts.
Result<Contents> open_gguf(const std::filesystem::path& path, const std::filesystem::path& folder);
// `path` is `folder` itself, an index in it or one file, whatever its name.
Result<Contents> open_torch(const std::filesystem::path& path, const std::filesystem::path& folder);
Result<Contents> open_torch_files(const std::filesystem::path& folder,
                                  const std::vector<std::string>& names);
// Whether the folder holds PyTorch files and no safetensors.
bool is_torch_folder(const std::filesystem::path& folder);
bool is_torch_file(const std::filesystem::path& file);

}  // namespace wmk::checkpoint
