// Tiny checkpoints of every architecture, by their real names on disk, for tests of all rooms.
//
//   Scratch scratch;
//   write_tiny_model(scratch.folder(), "qwen2_moe", {.width = 32, .seed = 7});
//
// Purpose: the names and shapes here are written down independently of checkpoint/naming, so that a
// test of naming rules is no circle. Lifetime: plain values. Thread-safety: pure functions, apart
// from the files they write.
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
// One file, tensors packed in the given order.
void write_safetensors(const std::filesystem::path& file, const std::vector<StoredTensor>& tensors,
                       const Metadata& metadata = {{"format", "pt"}});
// `shards` files of about equal tensor count, named as Hugging Face does, and their index.
void write_sharded(const std::filesystem::path& folder, const std::vector<StoredTensor>& tensors,
                   size_t shards);

// Every size is another number, so that a mix-up cannot hide.
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
};

// Value of element number `element` of tensor `name`.
using Fill = std::function<float(std::string_view name, uint64_t element)>;

// "llama", "gemma2", "deepseek_v3", ...: the model_types below, one of each kind of layout.
std::vector<std::string> tiny_architectures();
// All tensors of the architecture. Without `fill`: random weights of deviation 1/sqrt(width) and
// gains near 1 (near 0 where the architecture adds 1).
std::vector<StoredTensor> tiny_tensors(std::string_view architecture, const TinySizes& sizes = {},
                                       const Fill& fill = nullptr);
// model.safetensors, config.json and tokenizer.json in `folder`.
void write_tiny_model(const std::filesystem::path& folder, std::string_view architecture,
                      const TinySizes& sizes = {}, const Fill& fill = nullptr);

// {"model_type": ..., "hidden_size": ..., ...}
std::string tiny_config(std::string_view model_type, const TinySizes& sizes);
// A word-level tokenizer.json whose token i is "token<i>".
std::string tiny_tokenizer(uint64_t vocabulary);

// The tensor of that name; a test fails if there is none.
StoredTensor& tensor_named(std::vector<StoredTensor>& tensors, std::string_view name);

}  // namespace wmk::test
