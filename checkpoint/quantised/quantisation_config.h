// The quantisation settings in config.json.
//
// Purpose: bits, groups and variant of the format, where tensors alone do not determine them. If
// the tensors disagree, the reader of the format reports an error. Lifetime: plain values.
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "checkpoint/quantised/numbers_reading.h"

namespace wmk::checkpoint {

struct QuantisationConfig {
  struct Packing {
    std::optional<uint64_t> bits;
    std::optional<uint64_t> group_size;
    std::string mode;  // MLX: "affine", "mxfp4", "mxfp8", "nvfp4"
    bool operator==(const Packing&) const = default;
  };

  std::string method;  // quant_method: "gptq", "awq", "fp8", ...; empty: not given
  std::string format;  // checkpoint_format or format, else the version (AWQ)
  std::string kind;    // torchao: "Int4WeightOnlyConfig"
  std::optional<uint64_t> hidden_size;
  Packing packing;
  std::vector<uint64_t> block;             // weight_block_size
  std::map<std::string, Packing> modules;  // MLX: exceptions, by name of the module
  // compressed-tensors: "symmetric" of the weights of each group with such a member.
  struct Symmetry {
    std::vector<std::string> targets;
    bool symmetric = true;
  };
  std::vector<Symmetry> symmetries;
  ZeroPoints zero_points = ZeroPoints::configured;  // as the caller wants them

  // `module` without ".weight".
  const Packing& packing_of(const std::string& module) const;
  // Whether zero points of `module` that are in the file count.
  bool uses_zero_points(std::string_view module) const;
};

// config.json's quantization_config, compression_config or quantization (MLX), else
// quantize_config.json (AutoGPTQ). Without any of them all is empty. A damaged file is an
// Error.
Result<QuantisationConfig> read_quantisation_config(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
