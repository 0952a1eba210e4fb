#include "checkpoint/text/config.h"

#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr std::string_view kFileName = "config.json";

using Names = std::initializer_list<std::string_view>;

// The part for the language model in a multi-modal config, which may be nested twice.
json::Value text_part(json::Value config) {
  for (const std::string_view shell : {"thinker_config", "vlm_config", "text_config",
                                       "language_config", "llm_config", "decoder"}) {
    const auto inner = config.find(shell);
    if (inner && inner->is(json::Kind::object)) config = *inner;
  }
  return config;
}

// Looks names up in the text part, then at the top level, where shared values may be.
class Reader {
 public:
  Reader(json::Value text, json::Value shell) : text_(text), shell_(shell) {}

  // A value of another type counts as missing: the config is only advice.
  std::optional<uint64_t> whole(Names names) const {
    return first(names, [](const json::Value& value) { return value.unsigned_integer(); });
  }
  std::optional<bool> truth(Names names) const {
    return first(names, [](const json::Value& value) { return value.boolean(); });
  }
  std::optional<std::string_view> text(Names names) const {
    return first(names, [](const json::Value& value) { return value.string(); });
  }
  std::optional<json::Value> object(Names names) const {
    return first(names, [](const json::Value& value) {
      return value.is(json::Kind::object) ? std::optional(value) : std::nullopt;
    });
  }

 private:
  template <class Read>
  std::invoke_result_t<Read, const json::Value&> first(Names names, Read read) const {
    for (const json::Value& part : {text_, shell_}) {
      for (const std::string_view name : names) {
        const auto member = part.find(name);
        if (!member) continue;
        if (auto value = read(*member)) return value;
      }
    }
    return std::nullopt;
  }

  json::Value text_;
  json::Value shell_;
};

Config config_values(const json::Value& root) {
  const json::Value text = text_part(root);
  const Reader reader(text, root);
  Config config;
  config.present = true;
  config.model_type = reader.text({"model_type"}).value_or("");
  const auto outer = root.find("model_type");
  const auto inner = text.find("model_type");
  if (outer && inner && outer->string() != inner->string()) {
    config.shell_model_type = outer->string().value_or("");
  }
  config.hidden_size = reader.whole({"hidden_size", "n_embd", "d_model", "dim"});
  config.layers = reader.whole({"num_hidden_layers", "n_layer", "num_layers", "n_layers"});
  config.vocabulary = reader.whole({"vocab_size", "padded_vocab_size"});
  config.experts =
      reader.whole({"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"});
  config.experts_per_token = reader.whole(
      {"num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "experts_per_token"});
  config.context = reader.whole(
      {"max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length"});
  config.heads =
      reader.whole({"num_attention_heads", "n_head", "n_heads", "num_heads",
                    "decoder_attention_heads", "num_decoder_attention_heads", "attention_heads",
                    "encoder_attention_heads", "num_encoder_attention_heads"});
  config.kv_heads = reader.whole({"num_key_value_heads", "n_kv_heads", "multi_query_group_num"});
  config.head_size = reader.whole({"head_dim", "kv_channels"});
  config.value_size = reader.whole({"v_head_dim"});
  config.tied_embeddings = reader.truth({"tie_word_embeddings"});
  if (const auto list = root.find("architectures"); list && list->is(json::Kind::array)) {
    for (const json::Value& name : *list) {
      if (config.architecture.empty()) config.architecture = name.string().value_or("");
    }
  }
  if (const auto quantization = reader.object({"quantization_config"})) {
    const auto method = quantization->find("quant_method");
    config.quantization = method ? method->string().value_or("unnamed") : "unnamed";
  }
  return config;
}

}  // namespace

Result<Config> read_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kFileName;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return Config();
  auto text = read_text(path, kConfigBytesMax);
  if (!text) return std::move(text).error();
  auto document = json::Document::parse(std::move(*text), kConfigLimits);
  if (!document) return std::move(document).error().within(kFileName);
  const json::Value root = document->root();
  if (!root.is(json::Kind::object)) {
    return Error(ErrorCode::malformed, "is not an object").within(kFileName);
  }
  Config config = config_values(root);
  for (const std::string& oddity : document->oddities()) {
    config.notes.push_back(cat(kFileName, ": ", oddity));
  }
  if (config.architecture.empty()) config.notes.push_back("config.json has no architectures");
  return config;
}

}  // namespace wmk::checkpoint
