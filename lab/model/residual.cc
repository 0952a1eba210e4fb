#include "lab/model/residual.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checkpoint/naming/naming.h"

namespace wmk::lab {
namespace {

using checkpoint::CanonicalName;
using checkpoint::Tensor;
using enum ResidualPart;

struct NamedPart {
  std::string_view pattern;
  ResidualPart part;
};

constexpr NamedPart kTop[] = {{"embed_tokens", embedding}, {"lm_head", head}, {"norm", final_norm}};

// Names after "layers.#.".
constexpr NamedPart kLayer[] = {
    {"input_layernorm", attention_norm},
    {"post_attention_layernorm", ffn_norm},
    {"self_attn.q_proj", reads_attention},
    {"self_attn.k_proj", reads_attention},
    {"self_attn.v_proj", reads_attention},
    {"self_attn.qkv_proj", reads_attention},
    {"self_attn.q_a_proj", reads_attention},
    {"self_attn.kv_a_proj_with_mqa", reads_attention},
    {"self_attn.q_b_proj", inside},
    {"self_attn.kv_b_proj", inside},
    {"self_attn.q_a_layernorm", inside},
    {"self_attn.kv_a_layernorm", inside},
    {"self_attn.q_norm", inside},
    {"self_attn.k_norm", inside},
    {"self_attn.rotary_emb.inv_freq", inside},
    {"self_attn.o_proj", writes},
    {"mlp.gate", reads_ffn},
    {"mlp.gate.e_score_correction_bias", inside},
    {"mlp.shared_expert_gate", reads_ffn},
    {"block_sparse_moe.gate", reads_ffn},
};

// Prefixes of feed-forward networks after "layers.#.", and the names of their matrices.
constexpr std::string_view kNetworks[] = {"mlp.", "mlp.experts.#.", "mlp.shared_expert.",
                                          "mlp.shared_experts.", "block_sparse_moe.experts.#."};
constexpr NamedPart kMatrix[] = {
    {"gate_proj", reads_ffn}, {"up_proj", reads_ffn}, {"gate_up_proj", reads_ffn},
    {"down_proj", writes},    {"w1", reads_ffn},      {"w3", reads_ffn},
    {"w2", writes},
};

std::optional<ResidualPart> look_up(std::span<const NamedPart> table, std::string_view pattern) {
  for (const NamedPart& entry : table) {
    if (entry.pattern == pattern) return entry.part;
  }
  return std::nullopt;
}

std::optional<ResidualPart> part_of(std::string_view pattern) {
  constexpr std::string_view kPrefix = "layers.#.";
  if (!pattern.starts_with(kPrefix)) return look_up(kTop, pattern);
  pattern.remove_prefix(kPrefix.size());
  if (const auto part = look_up(kLayer, pattern)) return part;
  for (const std::string_view network : kNetworks) {
    if (!pattern.starts_with(network)) continue;
    if (const auto part = look_up(kMatrix, pattern.substr(network.size()))) return part;
  }
  return std::nullopt;
}

// A norm with a bias is a LayerNorm, which does not commute with rotations. Biases of readers are
// outputs, so they stay.
std::optional<ResidualPart> part_of_bias(ResidualPart part) {
  switch (part) {
    case reads_attention:
    case reads_ffn:
    case inside:
      return inside;
    case writes:
      return write_bias;
    case head:
      return inside;
    default:
      return std::nullopt;
  }
}

bool has_right_shape(const Tensor& tensor, ResidualPart part, uint64_t width) {
  switch (part) {
    case embedding:
    case head:
    case reads_attention:
    case reads_ffn:
      return tensor.shape.size() == 2 && tensor.shape[1] == width;
    case writes:
      return tensor.shape.size() == 2 && tensor.shape[0] == width;
    case inside:
      return true;
    default:
      return tensor.shape.size() == 1 && tensor.shape[0] == width;
  }
}

Error not_understood(const Tensor& tensor, std::string_view attack) {
  return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor.name), "': '", attack,
                                           "' does not know how it uses the residual stream"));
}

}  // namespace

const ResidualTensor* ResidualStream::find(ResidualPart part, uint64_t layer) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const ResidualTensor& t) {
    return t.part == part && t.layer == layer;
  });
  return found == tensors.end() ? nullptr : &*found;
}

static Status check_family(const Model& model, std::string_view attack) {
  const std::string& family = model.anatomy().family;
  constexpr std::array kKnown{"llama", "mixtral", "qwen_moe", "phi3", "gemma"};
  if (std::find(kKnown.begin(), kKnown.end(), family) != kKnown.end()) return {};
  return Error(ErrorCode::unsupported,
               cat("family '", family, "': '", attack,
                   "' supports only the Llama, Mixtral, Qwen-MoE, Phi-3 and Gemma families "
                   "(pre-norm models with RMSNorm)"));
}

Result<ResidualStream> ResidualStream::make(const Model& model, std::string_view attack) {
  if (auto status = check_family(model, attack); !status) return std::move(status).error();
  ResidualStream stream;
  stream.width = model.anatomy().width;
  stream.one_plus = model.anatomy().family == "gemma";
  const auto& tensors = model.checkpoint().tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const CanonicalName name = checkpoint::canonical_name(tensors[i].name);
    auto part = part_of(name.pattern);
    if (part && name.is_bias) part = part_of_bias(*part);
    if (!part || !has_right_shape(tensors[i], *part, stream.width)) {
      return not_understood(tensors[i], attack);
    }
    stream.tensors.push_back({i, *part, name.numbers.empty() ? 0 : name.numbers[0]});
  }
  if (!stream.find(embedding) || !stream.find(final_norm)) {
    return Error(ErrorCode::unsupported, cat("'", attack, "' needs an embedding and a final norm"));
  }
  return stream;
}

Result<Values> norm_factors(const Model& model, const ResidualStream& stream, size_t tensor) {
  auto factors = values_of(&model.checkpoint(), model.plan().at_origin(tensor));
  if (!factors) return factors;
  if (stream.one_plus) {
    for (float& value : *factors) value += 1;
  }
  return factors;
}

void scale_columns(Values& values, std::span<const float> factors) {
  for (size_t i = 0; i < values.size();) {
    for (const float factor : factors) values[i++] *= factor;
  }
}

}  // namespace wmk::lab
