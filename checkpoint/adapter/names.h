// Names of adapter tensors, and the tensors of the base that they belong to.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

struct AdapterName {
  enum class Part { a, b, magnitudes, replacement, ignored };
  Part part = Part::replacement;
  std::string base;           // the base's tensor that it changes, "model.x.up_proj.weight"
  std::string module;         // "model.x.up_proj"; empty for a replacement
  bool is_embedding = false;  // A and B of a lookup table, stored transposed
};
Result<AdapterName> parse_adapter_name(std::string_view tensor_name);
// The same for an adapter in GGUF ("blk.0.ffn_up.weight.lora_a").
Result<AdapterName> parse_gguf_adapter_name(std::string_view tensor_name);

// Finds tensors of a base by name, by name without wrappers where that is unambiguous, and by the
// name of the same matrix in the other of the two formats, GGUF and Hugging Face.
class BaseNames {
 public:
  explicit BaseNames(const std::vector<Tensor>& tensors);
  std::optional<size_t> find(std::string_view name) const;

 private:
  static std::string key_of(std::string_view name);
  static std::string key_of(std::string_view pattern, const CanonicalName& canonical);
  std::unordered_map<std::string, size_t> exact_;
  std::unordered_map<std::string, std::optional<size_t>> bare_;
};

}  // namespace wmk::checkpoint
