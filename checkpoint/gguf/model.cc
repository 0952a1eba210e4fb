#include "checkpoint/gguf/model.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "checkpoint/text/token_bytes.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kControl = 3;
constexpr uint64_t kUnused = 5;

// Architectures whose q and k rows are reordered by the conversion of llama.cpp: subclasses of
// LlamaModel that do not disable it, and classes that call permute() themselves.
constexpr std::array<std::string_view, 19> kRotaryRows = {
    "llama",    "llama-embed", "deci",          "arcee",       "smollm3",
    "granite",  "granitemoe",  "granitehybrid", "internlm2",   "minicpm",
    "deepseek", "bailingmoe",  "baichuan",      "xverse",      "olmo",
    "arctic",   "chameleon",   "nanbeige",      "granite-swa",
};

bool has_rotary_rows(std::string_view architecture) {
  return std::find(kRotaryRows.begin(), kRotaryRows.end(), architecture) != kRotaryRows.end();
}

// A key with the name of the architecture in front.
std::string own_key(const GgufValues& values, std::string_view name) {
  return cat(values.text("general.architecture").value_or(""), ".", name);
}

// How the tokens of this tokenizer are spelled (llama.cpp's LLAMA_VOCAB_TYPE_*).
TokenDecoder decoder_of(const GgufValues& values) {
  const auto model = values.text("tokenizer.ggml.model").value_or("");
  if (model == "gpt2") return TokenDecoder::byte_level();
  if (model == "llama" || model == "t5") return TokenDecoder::metaspace();
  return {};
}

std::optional<uint64_t> layer_of(std::string_view& name) {
  constexpr std::string_view prefix = "blk.";
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  uint64_t layer = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  if (error != std::errc()) return std::nullopt;
  name.remove_prefix(static_cast<size_t>(end - name.data()));
  return layer;
}

// One number for all layers, or a list with one per layer.
uint64_t by_layer(const GgufValues& values, const std::string& key, uint64_t layer) {
  if (const auto* list = values.wholes(key)) return layer < list->size() ? (*list)[layer] : 0;
  return values.whole(key).value_or(0);
}

}  // namespace

Config gguf_config(const GgufValues& values) {
  Config config;
  config.present = true;
  config.model_type = values.text("general.architecture").value_or("");
  const auto own = [&](std::string_view name) { return values.whole(own_key(values, name)); };
  config.hidden_size = own("embedding_length");
  config.layers = own("block_count");
  config.experts = own("expert_count");
  config.experts_per_token = own("expert_used_count");
  config.context = own("context_length");
  config.heads = own("attention.head_count");
  config.kv_heads = own("attention.head_count_kv");
  config.head_size = own("attention.key_length");
  config.value_size = own("attention.value_length");
  config.vocabulary = own("vocab_size");
  if (const auto* tokens = values.texts(kGgufTokens); tokens && !config.vocabulary) {
    config.vocabulary = tokens->size();
  }
  return config;
}

std::optional<SpelledTokens> gguf_tokens(const GgufValues& values) {
  using Kind = SpelledTokens::Kind;
  const auto* tokens = values.texts(kGgufTokens);
  if (tokens == nullptr) return std::nullopt;
  const auto* types = values.wholes(kGgufTokenTypes);
  SpelledTokens out{*tokens, std::vector<Kind>(tokens->size(), Kind::plain), decoder_of(values)};
  for (uint64_t row = 0; row < tokens->size(); ++row) {
    const uint64_t type = types && row < types->size() ? (*types)[row] : 0;
    if (type == kControl) out.kinds[row] = Kind::special;
    if (type == kUnused && out.strings[row] == cat("[PAD", row, "]")) out.kinds[row] = Kind::none;
  }
  return out;
}

uint64_t gguf_rotary_heads(const GgufValues& values, std::string_view name) {
  if (!has_rotary_rows(values.text("general.architecture").value_or(""))) return 0;
  const auto layer = layer_of(name);
  if (!layer) return 0;
  const std::string heads = own_key(values, "attention.head_count");
  if (name == ".attn_q.weight" || name == ".attn_q.bias") return by_layer(values, heads, *layer);
  if (name != ".attn_k.weight" && name != ".attn_k.bias") return 0;
  const uint64_t few = by_layer(values, heads + "_kv", *layer);
  return few > 0 ? few : by_layer(values, heads, *layer);
}

uint64_t gguf_rotary_heads(const Config& config, std::string_view architecture,
                           std::string_view name) {
  if (!has_rotary_rows(architecture) || !layer_of(name)) return 0;
  if (name == ".attn_q.weight") return config.heads.value_or(0);
  return name == ".attn_k.weight" ? config.kv_heads.value_or(config.heads.value_or(0)) : 0;
}

}  // namespace wmk::checkpoint
