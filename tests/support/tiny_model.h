// Tiny checkpoints of every architecture with their real tensor names, for tests of all modules.
//
//   Scratch scratch;
//   write_tiny_model(scratch.folder(), "qwen2_moe", {.width = 32, .seed = 7});
//
// Purpose: names and shapes are defined independently of checkpoint/naming, so that tests of naming
// rules are not circular. Lifetime: plain values. Thread-safety: pure functions, except for the
// files they write.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::test {

struct StoredTensor {
  std::string name;
  checkpoint::DType dtype = checkpoint::DType::f32;
  std::vector<uint64_t> shape;
  Bytes data;
};

// `values` in row-major order, each rounded to the nearest value of `dtype` (a weight type or F64).
StoredTensor stored(std::string name, checkpoint::DType dtype, std::vector<uint64_t> shape,
                    const std::vector<float>& values);

using Metadata = std::vector<std::pair<std::string, std::string>>;
// Writes one file with the tensors in the given order.
void write_safetensors(const std::filesystem::path& file, const std::vector<StoredTensor>& tensors,
                       const Metadata& metadata = {{"format", "pt"}});
// Writes `shards` files with about the same number of tensors, named as by Hugging Face, and an
// index.
void write_sharded(const std::filesystem::path& folder, const std::vector<StoredTensor>& tensors,
                   size_t shards);

// All sizes differ, so that mixing them up causes an error.
struct TinySizes {
  uint64_t width = 16;
  uint64_t vocabulary = 40;
  uint64_t layers = 2;
  uint64_t units = 10;         // of a dense FFN
  uint64_t expert_units = 6;   // of a routed expert
  uint64_t shared_units = 14;  // of a shared expert
  uint64_t experts = 3;
  checkpoint::DType dtype = checkpoint::DType::bf16;
  uint64_t seed = 1;
  // Tokens 2k and 2k + 1 are a word and the same with a space in front, and their rows are alike,
  // as in a trained model.
  bool words = false;
};

// The value of element number `element` of tensor `name`.
using Fill = std::function<float(std::string_view name, uint64_t element)>;

// Model types: "llama", "gemma2", "deepseek_v3", ...; one for each kind of layout.
std::vector<std::string> tiny_architectures();
// All tensors of the architecture. Without `fill`: random weights of deviation 1/sqrt(width) and
// norm weights near 1 (near 0 if the architecture adds 1).
std::vector<StoredTensor> tiny_tensors(std::string_view architecture, const TinySizes& sizes = {},
                                       const Fill& fill = nullptr);
// Writes model.safetensors, config.json and tokenizer.json into `folder`.
void write_tiny_model(const std::filesystem::path& folder, std::string_view architecture,
                      const TinySizes& sizes = {}, const Fill& fill = nullptr);

// {"model_type": ..., "hidden_size": ..., ...}
std::string tiny_config(std::string_view model_type, const TinySizes& sizes);
// A word-level tokenizer.json whose token i is "token<i>".
std::string tiny_tokenizer(uint64_t vocabulary);
// Token 2k is a word of letters, 2k + 1 the same with a space in front.
std::string worded_tokenizer(uint64_t vocabulary);

// The tensor of that name; throws if there is none.
StoredTensor& tensor_named(std::vector<StoredTensor>& tensors, std::string_view name);

}  // namespace wmk::test
