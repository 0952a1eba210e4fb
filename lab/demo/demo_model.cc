#include "lab/demo/demo_model.h"

#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "lab/model/plan.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

struct Maker {
  const DemoShape& shape;
  uint64_t seed;
  Plan plan;

  void add(std::string name, std::vector<uint64_t> extents,
           std::function<void(Values&, uint64_t columns, Random&)> fill);
  void matrix(std::string name, uint64_t rows, uint64_t columns, double sd);
  void norm_weight(std::string name);
  void bias(std::string name, uint64_t size);
  void attention(const std::string& layer);
  void make_all();
};

void Maker::add(std::string name, std::vector<uint64_t> extents,
                std::function<void(Values&, uint64_t, Random&)> fill) {
  PlannedTensor tensor{std::move(name), shape.dtype, std::move(extents), 0, {}, {}, {}};
  tensor.source = [count = tensor.elements(), columns = tensor.columns(), seed = seed,
                   purpose = "demo/" + tensor.name, fill = std::move(fill)]() -> Result<Values> {
    Values values(count);
    Random random(seed, purpose);
    fill(values, columns, random);
    return values;
  };
  plan.tensors.push_back(std::move(tensor));
}

// Rows of Gaussian numbers whose scales differ by about 30 %.
void Maker::matrix(std::string name, uint64_t rows, uint64_t columns, double sd) {
  add(std::move(name), {rows, columns}, [sd](Values& values, uint64_t width, Random& random) {
    for (size_t begin = 0; begin < values.size(); begin += width) {
      const double scale = sd * std::exp(0.3 * random.gaussian());
      add_noise(std::span(values).subspan(begin, width), scale, random);
    }
  });
}

void Maker::norm_weight(std::string name) {
  add(std::move(name), {shape.width}, [](Values& values, uint64_t, Random& random) {
    for (float& value : values) value = 0.6f * std::exp(0.25f * random.gaussian());
  });
}

void Maker::bias(std::string name, uint64_t size) {
  add(std::move(name), {size},
      [](Values& values, uint64_t, Random& random) { add_noise(values, 0.1, random); });
}

void Maker::attention(const std::string& layer) {
  const uint64_t d = shape.width, kv = d / shape.heads * shape.kv_heads;
  const double sd = 1 / std::sqrt(static_cast<double>(d));
  const std::pair<const char*, uint64_t> parts[] = {{"q", d}, {"k", kv}, {"v", kv}, {"o", d}};
  for (const auto& [part, outputs] : parts) {
    const std::string name = cat(layer, "self_attn.", part, "_proj.");
    matrix(name + "weight", outputs, d, sd);
    if (shape.biases) bias(name + "bias", outputs);
  }
}

void Maker::make_all() {
  const uint64_t d = shape.width, f = shape.units;
  const double in_sd = 1 / std::sqrt(static_cast<double>(d));
  const double out_sd = 1 / std::sqrt(static_cast<double>(f));
  matrix("model.embed_tokens.weight", shape.vocabulary, d, 0.05);
  for (uint64_t number = 0; number < shape.layers; ++number) {
    const std::string layer = cat("model.layers.", number, ".");
    norm_weight(layer + "input_layernorm.weight");
    attention(layer);
    norm_weight(layer + "post_attention_layernorm.weight");
    matrix(layer + "mlp.gate_proj.weight", f, d, in_sd);
    matrix(layer + "mlp.up_proj.weight", f, d, in_sd);
    matrix(layer + "mlp.down_proj.weight", d, f, out_sd);
  }
  norm_weight("model.norm.weight");
  if (!shape.tied) matrix("lm_head.weight", shape.vocabulary, d, in_sd);
}

void name_files(Plan& plan, uint64_t shards) {
  plan.files = shard_names(shards);
  plan.metadata.assign(shards, {{"format", "pt"}});
  plan.spread(shards);
}

std::string config_text(const DemoShape& shape) {
  json::Writer writer;
  writer.begin_object().key("architectures").begin_array().value("LlamaForCausalLM").end_array();
  writer.member("model_type", "llama").member("hidden_act", "silu");
  writer.member("hidden_size", shape.width).member("intermediate_size", shape.units);
  writer.member("num_hidden_layers", shape.layers).member("num_attention_heads", shape.heads);
  writer.member("num_key_value_heads", shape.kv_heads).member("vocab_size", shape.vocabulary);
  writer.member("max_position_embeddings", 2048).member("rms_norm_eps", 1e-5);
  writer.member("rope_theta", 10000).member("tie_word_embeddings", shape.tied);
  writer.member("attention_bias", shape.biases);
  writer.member("bos_token_id", 0).member("eos_token_id", 1).member("pad_token_id", 2);
  const bool is_f32 = shape.dtype == checkpoint::DType::f32;
  writer.member("torch_dtype", is_f32 ? "float32" : "bfloat16").end_object();
  return writer.finish();
}

}  // namespace

Status write_demo_model(const std::filesystem::path& out, const DemoShape& shape, uint64_t seed,
                        unsigned threads, Progress* progress) {
  auto pending = PendingOutput::begin(out, PendingOutput::Kind::folder, false);
  if (!pending) return std::move(pending).error();
  Maker maker{shape, seed, {}};
  maker.make_all();
  name_files(maker.plan, shape.shards);
  const auto write = [&](const char* name, const std::string& text) {
    return write_whole(pending->path() / name, as_bytes(text), 0644, false);
  };
  if (auto s = write_weights(maker.plan, pending->path(), threads, progress); !s) return s;
  if (auto s = write("config.json", config_text(shape)); !s) return s;
  if (auto s = write("tokenizer.json", demo_tokenizer(shape.vocabulary, seed)); !s) return s;
  return pending->commit();
}

}  // namespace wmk::lab
