#include "checkpoint/adapter/names.h"

#include <array>

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

using AdapterPart = AdapterName::Part;

constexpr std::string_view kPrefix = "base_model.model.";

struct Ending {
  std::string_view text;
  AdapterPart part;
  bool is_embedding;
};

constexpr std::array kEndings = {
    Ending{".lora_A.weight", AdapterPart::a, false},
    Ending{".lora_B.weight", AdapterPart::b, false},
    Ending{".lora_embedding_A", AdapterPart::a, true},
    Ending{".lora_embedding_B", AdapterPart::b, true},
    Ending{".lora_magnitude_vector", AdapterPart::magnitudes, false},
    Ending{".lora_magnitude_vector.weight", AdapterPart::magnitudes, false},
};

// The same matrix in a Hugging Face folder and in GGUF.
struct Counterpart {
  std::string_view hugging_face, gguf;
};
constexpr Counterpart kCounterparts[] = {
    {"embed_tokens", "token_embd"},
    {"lm_head", "output"},
    {"layers.#.self_attn.q_proj", "blk.#.attn_q"},
    {"layers.#.self_attn.k_proj", "blk.#.attn_k"},
    {"layers.#.self_attn.v_proj", "blk.#.attn_v"},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output"},
    {"layers.#.self_attn.dense", "blk.#.attn_output"},
    {"layers.#.self_attn.qkv_proj", "blk.#.attn_qkv"},
    {"layers.#.mlp.gate_proj", "blk.#.ffn_gate"},
    {"layers.#.mlp.up_proj", "blk.#.ffn_up"},
    {"layers.#.mlp.gate_up_proj", "blk.#.ffn_up"},
    {"layers.#.mlp.fc1", "blk.#.ffn_up"},
    {"layers.#.mlp.c_fc", "blk.#.ffn_up"},
    {"layers.#.mlp.down_proj", "blk.#.ffn_down"},
    {"layers.#.mlp.fc2", "blk.#.ffn_down"},
    {"layers.#.mlp.c_proj", "blk.#.ffn_down"},
};

// "x.modules_to_save.weight" -> "x.weight"
std::string without(std::string_view name, std::string_view segment) {
  const size_t at = name.find(segment);
  std::string out(name);
  if (at != std::string_view::npos) out.erase(at, segment.size() - 1);
  return out;
}

}  // namespace

Result<AdapterName> parse_adapter_name(std::string_view tensor_name) {
  const auto refused = [&](std::string_view why) {
    return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor_name), "': ", why))
        .with_hint("merge the adapter with peft (merge_and_unload) and name the result");
  };
  std::string_view name = tensor_name;
  if (!name.starts_with(kPrefix)) return refused("is not named like an adapter tensor of PEFT");
  name.remove_prefix(kPrefix.size());
  for (const Ending& ending : kEndings) {
    if (!name.ends_with(ending.text)) continue;
    const std::string module(name.substr(0, name.size() - ending.text.size()));
    return AdapterName{ending.part, module + ".weight", module, ending.is_embedding};
  }
  if (name.find("lora_") != std::string_view::npos ||
      name.find("_adapter") != std::string_view::npos) {
    return refused("is a kind of adapter tensor that is not supported");
  }
  if (name.find(".original_module.") != std::string_view::npos)
    return AdapterName{AdapterPart::ignored, {}, {}};
  const std::string saved = without(name, ".modules_to_save.");
  return AdapterName{AdapterPart::replacement, without(saved, ".base_layer."), {}};
}

Result<AdapterName> parse_gguf_adapter_name(std::string_view tensor_name) {
  // llama.cpp ignores them too.
  if (tensor_name.ends_with("_norm.weight")) return AdapterName{AdapterPart::ignored, {}, {}};
  for (const auto& [ending, part] :
       {std::pair{".lora_a", AdapterPart::a}, std::pair{".lora_b", AdapterPart::b}}) {
    if (!tensor_name.ends_with(ending)) continue;
    const std::string base(tensor_name.substr(0, tensor_name.size() - 7));
    if (!base.ends_with(".weight")) break;
    return AdapterName{part, base, base.substr(0, base.size() - 7), base == "token_embd.weight"};
  }
  return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor_name),
                                           "': is a kind of adapter tensor that is not supported"))
      .with_hint("merge the adapter with llama.cpp (llama-export-lora) and name the result");
}

BaseNames::BaseNames(const std::vector<Tensor>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    exact_.emplace(tensors[i].name, i);
    const auto [at, is_new] = bare_.emplace(key_of(tensors[i].name), i);
    if (!is_new) at->second = std::nullopt;
  }
}

std::optional<size_t> BaseNames::find(std::string_view name) const {
  if (const auto found = exact_.find(std::string(name)); found != exact_.end())
    return found->second;
  const auto found = bare_.find(key_of(name));
  if (found != bare_.end()) return found->second;
  const CanonicalName canonical = canonical_name(name);
  std::optional<size_t> only;
  for (const Counterpart& each : kCounterparts) {
    const std::string_view other = each.hugging_face == canonical.pattern ? each.gguf
                                   : each.gguf == canonical.pattern       ? each.hugging_face
                                                                          : "";
    if (other.empty()) continue;
    const auto at = bare_.find(key_of(other, canonical));
    if (at == bare_.end() || !at->second) continue;
    if (only && *only != *at->second) return std::nullopt;
    only = at->second;
  }
  return only;
}

std::string BaseNames::key_of(std::string_view name) {
  const CanonicalName canonical = canonical_name(name);
  return key_of(canonical.pattern, canonical);
}

std::string BaseNames::key_of(std::string_view pattern, const CanonicalName& canonical) {
  std::string key = cat(pattern, canonical.is_bias ? " bias" : "");
  for (const uint64_t number : canonical.numbers) key += cat(" ", number);
  return key;
}

}  // namespace wmk::checkpoint
