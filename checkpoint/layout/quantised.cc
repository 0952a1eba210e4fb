#include "checkpoint/layout/quantised.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"

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

// Weights that mean what they say, whatever stands beside them.
bool is_plain(const Tensor* tensor) {
  return tensor != nullptr && !tensor->encoding &&
         (tensor->dtype == DType::f32 || tensor->dtype == DType::f16 ||
          tensor->dtype == DType::bf16 || tensor->dtype == DType::f64);
}

class QuantisedFinder {
 public:
  QuantisedFinder(const Checkpoint& checkpoint, const Config& config) : checkpoint_(checkpoint) {
    if (config.quantization.empty()) return;
    method_ = cat("; config.json says '", escaped(config.quantization), "'");
  }

  bool has_plain(std::string_view stem) const {
    return is_plain(checkpoint_.find(stem)) || is_plain(checkpoint_.find(cat(stem, ".weight")));
  }

  void add_refusal(const std::string& stem, const Error& reason) {
    if (reason.code() == ErrorCode::duplicate_key || !has_plain(stem)) {
      add(stem, reason);
    } else {
      strays_.emplace(stem, stem);
    }
  }

  void add_companion(const Tensor& tensor, const std::string& stem) {
    if (has_plain(stem)) {
      strays_.insert_or_assign(stem, tensor.name);
      return;
    }
    add(stem, Error(ErrorCode::unsupported,
                    cat("tensor '", escaped(tensor.name), "': the weights are quantised (",
                        encoding_of(checkpoint_, stem), method_,
                        "), which this version does not dequantise"))
                  .with_hint("mark the checkpoint before it is quantised"));
  }

  UnreadQuantised finish() && {
    if (!strays_.empty()) {
      out_.notes.push_back(cat("'", escaped(strays_.begin()->second), "'",
                               strays_.size() > 1 ? cat(" and ", strays_.size() - 1, " more") : "",
                               ": looks like a part of quantised weights, but plain weights "
                               "are stored beside it; ignored"));
    }
    return std::move(out_);
  }

 private:
  void add(const std::string& stem, Error reason) {
    if (known_.insert(stem).second) out_.modules.emplace_back(stem, std::move(reason));
  }

  const Checkpoint& checkpoint_;
  std::string method_;
  UnreadQuantised out_;
  std::set<std::string> known_;
  std::map<std::string, std::string> strays_;  // by module, one tensor of each
};

}  // namespace

UnreadQuantised hide_quantised(const Checkpoint& checkpoint, const Config& config,
                               std::span<const NamingFamily* const> families, NameTable& names) {
  QuantisedFinder finder(checkpoint, config);
  for (const auto& [name, reason] : checkpoint.refusals()) {
    if (is_read(name, families)) finder.add_refusal(name, reason);
  }
  for (const Tensor& tensor : checkpoint.tensors()) {
    for (const Companion& companion : kCompanions) {
      if (!tensor.name.ends_with(companion.suffix)) continue;
      const std::string stem = tensor.name.substr(0, tensor.name.size() - companion.suffix.size());
      if (!is_read(stem, families)) continue;
      finder.add_companion(tensor, stem);
      break;
    }
  }
  UnreadQuantised out = std::move(finder).finish();
  std::set<std::string> hidden;
  for (const auto& [stem, reason] : out.modules) {
    hidden.insert(stem);
    hidden.insert(stem + ".weight");
  }
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  for (size_t i = 0; i < tensors.size() && !hidden.empty(); ++i) {
    if (hidden.contains(tensors[i].name)) names.hide(i);
  }
  return out;
}

}  // namespace wmk::checkpoint
