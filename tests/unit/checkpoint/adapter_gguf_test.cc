// LoRA in GGUF, over bases in GGUF and safetensors; adapters of PEFT over a base in GGUF.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/read_rectangle.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint::gguf_lora_test {
namespace {

using Catch::Matchers::Contains;
using test::GgufBuilder;
using wmk::test::Scratch;
using wmk::test::stored;
using wmk::test::write_safetensors;

std::string floats(size_t count, float first, float step = 1) {
  std::string out;
  for (size_t i = 0; i < count; ++i) {
    out += GgufBuilder::raw(first + step * static_cast<float>(i));
  }
  return out;
}

GgufBuilder& f32(GgufBuilder& file, const std::string& name, uint64_t rows, uint64_t columns,
                 float first) {
  file.add({name, {columns, rows}, 0, floats(rows * columns, first), 0});
  return file;
}

// Two heads of four rows each: stored row 2i + s of a head is row 2 s + i.
constexpr uint64_t kStoredRow[8] = {0, 2, 1, 3, 4, 6, 5, 7};

GgufBuilder base() {
  GgufBuilder out;
  out.text("general.architecture", "llama").u32("llama.attention.head_count", 2);
  out.u32("llama.embedding_length", 8).u32("llama.block_count", 1);
  f32(out, "token_embd.weight", 5, 8, 0);
  f32(out, "blk.0.attn_q.weight", 8, 8, 0);
  f32(out, "blk.0.ffn_up.weight", 6, 8, 0);
  f32(out, "blk.0.ffn_down.weight", 8, 6, 0);
  return out;
}

GgufBuilder lora(float alpha) {
  GgufBuilder out;
  out.text("general.type", "adapter").text("general.architecture", "llama");
  out.text("adapter.type", "lora").key("adapter.lora.alpha", 6, GgufBuilder::raw(alpha));
  f32(out, "blk.0.ffn_up.weight.lora_a", 1, 8, 0);
  f32(out, "blk.0.ffn_up.weight.lora_b", 6, 1, 0);
  f32(out, "blk.0.attn_q.weight.lora_a", 1, 8, 1);
  f32(out, "blk.0.attn_q.weight.lora_b", 8, 1, 1);
  f32(out, "token_embd.weight.lora_a", 5, 1, 1);
  f32(out, "token_embd.weight.lora_b", 8, 1, 1);
  return out;
}

std::vector<float> values_of(const Checkpoint& checkpoint, std::string_view name) {
  const Tensor* tensor = checkpoint.find(name);
  CAPTURE(name);
  REQUIRE(tensor);
  const uint64_t columns = tensor->shape.back();
  std::vector<float> out(tensor->elements());
  REQUIRE(read_rectangle(checkpoint.files(), *tensor, {0, out.size() / columns, 0, columns}, out));
  return out;
}

Checkpoint merged(const std::filesystem::path& adapter, const std::filesystem::path& model) {
  auto checkpoint = Checkpoint::open_merged(adapter, model);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  return *std::move(checkpoint);
}

// The sum of a matrix that counts from 0 and scale * (b0 + row) (a0 + column).
std::vector<float> sum(uint64_t rows, uint64_t columns, float scale, float b0, float a0) {
  std::vector<float> out;
  for (uint64_t r = 0; r < rows; ++r) {
    for (uint64_t c = 0; c < columns; ++c) {
      out.push_back(static_cast<float>(r * columns + c) +
                    scale * ((b0 + static_cast<float>(r)) * (a0 + static_cast<float>(c))));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a LoRA in GGUF is added to a base in GGUF with scale alpha / r") {
  Scratch scratch;
  const auto model = scratch.put("base.gguf", base().finish());
  const Checkpoint two = merged(scratch.put("lora.gguf", lora(2).finish()), model);
  CHECK(two.format() == "GGUF");
  CHECK(values_of(two, "blk.0.ffn_up.weight") == sum(6, 8, 2, 0, 0));
  CHECK(values_of(two, "token_embd.weight") == sum(5, 8, 2, 1, 1));
  CHECK(two.find("blk.0.ffn_down.weight")->encoding == nullptr);
  // Without an alpha llama.cpp takes the scale 1.
  const Checkpoint one = merged(scratch.put("unscaled.gguf", lora(0).finish()), model);
  CHECK(values_of(one, "blk.0.ffn_up.weight") == sum(6, 8, 1, 0, 0));
}

TEST_CASE("rows of a LoRA in GGUF for q and k are read in their order before conversion") {
  Scratch scratch;
  const auto adapter = scratch.put("lora.gguf", lora(2).finish());
  const Checkpoint model = merged(adapter, scratch.put("base.gguf", base().finish()));
  const auto values = values_of(model, "blk.0.attn_q.weight");
  const auto converted = sum(8, 8, 2, 1, 1);
  for (uint64_t r = 0; r < 8; ++r) {
    for (uint64_t c = 0; c < 8; ++c) CHECK(values[r * 8 + c] == converted[kStoredRow[r] * 8 + c]);
  }
}

TEST_CASE("a LoRA in GGUF is added to the safetensors model that it was made for") {
  Scratch scratch;
  const auto counted = [](const std::string& name, uint64_t rows, uint64_t columns) {
    std::vector<float> values(rows * columns);
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    return stored(name, DType::f32, {rows, columns}, values);
  };
  write_safetensors(scratch / "model.safetensors",
                    {counted("model.embed_tokens.weight", 5, 8),
                     counted("model.layers.0.self_attn.q_proj.weight", 8, 8),
                     counted("model.layers.0.mlp.up_proj.weight", 6, 8)});
  scratch.put("config.json", R"({"model_type": "llama", "num_attention_heads": 2})");
  Scratch other;
  const Checkpoint model =
      merged(other.put("lora.gguf", lora(2).finish()), scratch / "model.safetensors");
  CHECK(values_of(model, "model.layers.0.mlp.up_proj.weight") == sum(6, 8, 2, 0, 0));
  const auto q = values_of(model, "model.layers.0.self_attn.q_proj.weight");
  for (uint64_t r = 0; r < 8; ++r) {
    const float b = 1 + static_cast<float>(kStoredRow[r]);
    for (uint64_t c = 0; c < 8; ++c) {
      CHECK(q[r * 8 + c] == static_cast<float>(r * 8 + c) + 2 * (b * (1 + static_cast<float>(c))));
    }
  }
}

TEST_CASE("an adapter of PEFT is added to a base in GGUF") {
  Scratch scratch;
  const auto model = scratch.put("base.gguf", base().finish());
  const auto column = [](const std::string& name, uint64_t rows, uint64_t columns) {
    std::vector<float> values(rows * columns);
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    return stored(name, DType::f32, {rows, columns}, values);
  };
  const std::string stem = "base_model.model.model.layers.0.mlp.up_proj.";
  std::filesystem::create_directory(scratch / "a");
  scratch.put("a/adapter_config.json", R"({"peft_type": "LORA", "r": 1, "lora_alpha": 2})");
  write_safetensors(scratch / "a/adapter_model.safetensors",
                    {column(stem + "lora_A.weight", 1, 8), column(stem + "lora_B.weight", 6, 1)});
  const Checkpoint both = merged(scratch / "a", model);
  CHECK(values_of(both, "blk.0.ffn_up.weight") == sum(6, 8, 2, 0, 0));
  CHECK(both.find("blk.0.ffn_down.weight")->encoding == nullptr);
}

TEST_CASE("an adapter in GGUF alone is not a model, and its kind must be known", "[bad-input]") {
  Scratch scratch;
  const auto model = scratch.put("base.gguf", base().finish());
  const auto file = scratch.put("lora.gguf", lora(2).finish());
  const auto alone = Checkpoint::open(file);
  REQUIRE(!alone);
  CHECK_THAT(alone.error().message(), Contains("is an adapter, not a complete model"));
  const auto refused = [&](GgufBuilder builder) {
    const auto opened = Checkpoint::open_merged(scratch.put("bad.gguf", builder.finish()), model);
    REQUIRE(!opened);
    return opened.error().message();
  };
  GgufBuilder control;
  control.text("general.type", "adapter").text("adapter.type", "control_vector");
  CHECK_THAT(refused(control), Contains("'control_vector'"));
  CHECK_THAT(refused(lora(-1)), Contains("not a positive number"));
  GgufBuilder with_norm = lora(2);
  f32(with_norm, "blk.0.ffn_norm.weight", 1, 8, 0);
  CHECK(merged(scratch.put("norm.gguf", with_norm.finish()), model).tensors().size() == 4);
  GgufBuilder other = lora(2);
  f32(other, "blk.0.ffn_gate.weight", 1, 8, 0);
  CHECK_THAT(refused(other), Contains("not supported"));
  GgufBuilder lonely = lora(2);
  f32(lonely, "blk.0.ffn_down.weight.lora_a", 1, 6, 0);
  CHECK_THAT(refused(lonely), Contains("has no A or no B"));
  GgufBuilder strange = lora(2);
  f32(strange, "blk.7.ffn_down.weight.lora_a", 1, 6, 0);
  f32(strange, "blk.7.ffn_down.weight.lora_b", 8, 1, 0);
  CHECK_THAT(refused(strange), Contains("the base has no tensor 'blk.7.ffn_down.weight'"));
}

}  // namespace wmk::checkpoint::gguf_lora_test
