#include "checkpoint/layout/quantised.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

namespace {

struct Companion {
  std::string_view suffix;
  std::string_view encoding;
};

// The first suffix that is found names the encoding, so the most specific ones come first.
constexpr std::array<Companion, 20> kCompanions = {{
    {".weight_packed", "compressed-tensors (packed)"},
    {".weight.quant_map", "bitsandbytes (4 bit)"},
    {".weight.absmax", "bitsandbytes (4 bit)"},
    {".absmax", "bitsandbytes (4 bit)"},
    {".SCB", "bitsandbytes (8 bit)"},
    {".weight_scale_2", "NVFP4"},
    {".weight_scale_inv", "FP8 with block scales"},
    {"_scale_inv", "FP8 with block scales"},
    {".weight_scale", "scaled integers or FP8"},
    {"_weight_scale", "scaled integers or FP8"},
    {".g_idx", "GPTQ"},
    {".qzeros", "GPTQ or AWQ"},
    {".qweight", "GPTQ or AWQ"},
    {".bitmask", "compressed-tensors (sparse)"},
    {".compressed", "compressed-tensors (sparse)"},
    {"_blocks", "MXFP4"},
    {"_scales", "MXFP4"},
    {".biases", "MLX"},
    {".scales", "integers with scales"},
    {".scale", "FP8 with scales"},
}};

bool is_read(std::string_view stem, std::span<const NamingFamily* const> families) {
  const CanonicalName name = canonical_name(stem);
  if (name.is_bias) return false;
  return std::any_of(families.begin(), families.end(), [&](const NamingFamily* family) {
    const Rule* rule = family->find(name.pattern);
    return rule != nullptr && (is_ffn_matrix(rule->role) || rule->role == Role::token_embedding);
  });
}

std::string_view encoding_of(const Checkpoint& checkpoint, std::string_view stem) {
  for (const Companion& companion : kCompanions) {
    if (checkpoint.find(cat(stem, companion.suffix)) != nullptr) return companion.encoding;
  }
  return "quantised";
}

}  // namespace

Status refuse_quantised(const Checkpoint& checkpoint, const Config& config,
                        std::span<const NamingFamily* const> families) {
  for (const auto& [name, reason] : checkpoint.refusals()) {
    if (is_read(name, families)) return reason;
  }
  for (const Tensor& tensor : checkpoint.tensors()) {
    for (const Companion& companion : kCompanions) {
      std::string_view stem = tensor.name;
      if (!stem.ends_with(companion.suffix)) continue;
      stem.remove_suffix(companion.suffix.size());
      if (!is_read(stem, families)) continue;
      const std::string method =
          config.quantization.empty()
              ? ""
              : cat("; config.json says '", escaped(config.quantization), "'");
      return Error(ErrorCode::unsupported,
                   cat("tensor '", escaped(tensor.name), "': the weights are quantised (",
                       encoding_of(checkpoint, stem), method,
                       "), which this version does not dequantise"))
          .with_hint("mark the checkpoint before it is quantised");
    }
  }
  return {};
}

}  // namespace wmk::checkpoint
