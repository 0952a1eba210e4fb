// quantization_config.transform_config of compressed-tensors (specs/quantised.md 13).
//
// Purpose: matrices that a model multiplies activations by while it runs; those that were merged
// into weights have no tensors, and are not listed. Lifetime: plain values. Thread-safety: pure
// function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

struct TransformUse {
  std::vector<std::string> targets, ignored;  // modules
  bool on_input = true;                       // else on the output
  bool inverse = false;

  bool applies_to(std::string_view module) const;
};

struct TransformScheme {
  std::string name;
  std::string type;  // "hadamard", "random-hadamard", "random-matrix"
  bool randomised = false;
  std::optional<uint64_t> head_size;  // of the blocks of a diagonal matrix; none: the whole extent
  std::vector<TransformUse> uses;
};

// In the order of the file; empty if there are none, or config.json is damaged.
std::vector<TransformScheme> read_transform_config(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
