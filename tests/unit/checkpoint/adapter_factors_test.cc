// Matrices stored as products of two, in the checkpoint itself.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/read_rectangle.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/checkpoint/layout/edited_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint::factors_test {
namespace {

using Catch::Matchers::Contains;
using wmk::test::Scratch;
using wmk::test::stored;
using wmk::test::StoredTensor;
using wmk::test::write_safetensors;

const std::string kStem = "model.layers.0.mlp.up_proj";  // [3, 4], of rank 2

// Row-major matrices of small numbers.
StoredTensor matrix(const std::string& name, uint64_t rows, uint64_t columns, float first) {
  std::vector<float> values(rows * columns);
  for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return stored(name, DType::f32, {rows, columns}, values);
}

std::vector<float> values_of(const StoredTensor& tensor) {
  std::vector<float> out(tensor.data.size() / 4);
  std::memcpy(out.data(), tensor.data.data(), tensor.data.size());
  return out;
}

// b [m, r] times a [r, n].
std::vector<float> product(const std::vector<float>& b, const std::vector<float>& a, size_t r) {
  const size_t m = b.size() / r, n = a.size() / r;
  std::vector<float> out(m * n, 0);
  for (size_t i = 0; i < m; ++i)
    for (size_t k = 0; k < r; ++k)
      for (size_t j = 0; j < n; ++j) out[i * n + j] += b[i * r + k] * a[k * n + j];
  return out;
}

struct Opened {
  std::vector<float> values;
  std::string notes;
  std::vector<uint64_t> shape;
  size_t tensors = 0;
};

Opened open_with(const std::vector<StoredTensor>& parts, std::string_view config = "") {
  Scratch scratch;
  write_safetensors(scratch / "model.safetensors", parts);
  if (!config.empty()) scratch.put("adapter_config.json", config);
  const auto checkpoint = Checkpoint::open(scratch.folder());
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  Opened out;
  out.tensors = checkpoint->tensors().size();
  for (const std::string& note : checkpoint->notes()) out.notes += note + "\n";
  const Tensor* tensor = checkpoint->find(kStem + ".weight");
  if (tensor == nullptr) return out;
  out.shape = tensor->shape;
  out.values.resize(tensor->elements());
  REQUIRE(checkpoint->read(*tensor, 0, std::as_writable_bytes(std::span(out.values))));
  return out;
}

}  // namespace

TEST_CASE("a matrix stored as two factors is read as their product") {
  struct Names {
    std::string first, second;
  };
  const std::vector<float> a{1, 2, 3, 4, 5, 6, 7, 8}, b{1, 2, 3, 4, 5, 6};
  const auto expected = product(b, a, 2);
  // The first name is applied first, as by linear layers in sequence.
  for (const auto& [first, second] : std::vector<Names>{{".A.weight", ".B.weight"},
                                                        {".A", ".B"},
                                                        {".0.weight", ".1.weight"},
                                                        {".U.weight", ".V.weight"},
                                                        {".BLinear.weight", ".ALinear.weight"},
                                                        {".lora_A.weight", ".lora_B.weight"}}) {
    CAPTURE(first, second);
    const Opened opened =
        open_with({matrix(kStem + first, 2, 4, 1), matrix(kStem + second, 3, 2, 1)});
    CHECK(opened.shape == std::vector<uint64_t>{3, 4});
    CHECK(opened.values == expected);
    CHECK(opened.tensors == 1);
    CHECK_THAT(opened.notes, Contains("1 matrix stored as products of two"));
  }
  // SVD-LLM: up_u_proj [out, r], up_v_proj [r, in].
  const Opened svd = open_with({matrix("model.layers.0.mlp.up_u_proj.weight", 3, 2, 1),
                                matrix("model.layers.0.mlp.up_v_proj.weight", 2, 4, 1)});
  CHECK(svd.values == expected);
}

TEST_CASE("factors are put together as their shapes allow, over the smaller extent") {
  const std::vector<float> a{1, 2, 3, 4, 5, 6, 7, 8}, b{1, 2, 3, 4, 5, 6};
  // W = A B, as a parameter of its own: A [out, r], B [r, in].
  CHECK(open_with({matrix(kStem + ".A", 3, 2, 1), matrix(kStem + ".B", 2, 4, 1)}).values ==
        product(b, a, 2));
  // W = U V^T: U [out, r], V [in, r].
  const Opened turned = open_with({matrix(kStem + ".U", 3, 2, 1), matrix(kStem + ".V", 4, 2, 1)});
  CHECK(turned.values == product(b, {1, 3, 5, 7, 2, 4, 6, 8}, 2));
  // Square: [2, 3] and [3, 2] make 3 x 3, not 2 x 2.
  const Opened square = open_with({matrix(kStem + ".A", 2, 3, 1), matrix(kStem + ".B", 3, 2, 1)});
  CHECK(square.shape == std::vector<uint64_t>{3, 3});
}

TEST_CASE("a diagonal between two factors is part of the product") {
  const Opened opened = open_with({matrix(kStem + ".U", 3, 2, 1), matrix(kStem + ".V", 4, 2, 1),
                                   stored(kStem + ".S", DType::f32, {2}, {10, 100})});
  CHECK(opened.values == product({10, 200, 30, 400, 50, 600}, {1, 3, 5, 7, 2, 4, 6, 8}, 2));
  CHECK(opened.tensors == 1);
}

TEST_CASE("a LoRA that was not merged is added to its matrix") {
  const std::vector<StoredTensor> parts = {matrix(kStem + ".base_layer.weight", 3, 4, 0),
                                           matrix(kStem + ".lora_A.default.weight", 2, 4, 1),
                                           matrix(kStem + ".lora_B.default.weight", 3, 2, 1)};
  const auto update = product(values_of(parts[2]), values_of(parts[1]), 2);
  const Opened unscaled = open_with(parts);
  REQUIRE(unscaled.values.size() == 12);
  for (size_t i = 0; i < 12; ++i) CHECK(unscaled.values[i] == static_cast<float>(i) + update[i]);
  CHECK_THAT(unscaled.notes, Contains("is not stored: read as 1"));
  const Opened scaled = open_with(parts, R"({"peft_type": "LORA", "r": 2, "lora_alpha": 8})");
  for (size_t i = 0; i < 12; ++i) CHECK(scaled.values[i] == static_cast<float>(i) + 4 * update[i]);
}

TEST_CASE("only what a naming rule knows is put together, and nothing that is stored as well") {
  const std::string other = "model.layers.0.other";
  CHECK(open_with({matrix(other + ".A", 2, 4, 1), matrix(other + ".B", 3, 2, 1)}).tensors == 2);
  const Opened both = open_with({matrix(kStem + ".weight", 3, 4, 0), matrix(kStem + ".A", 2, 4, 1),
                                 matrix(kStem + ".B", 3, 2, 1)});
  CHECK(both.tensors == 3);
  CHECK(both.values == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  // Musicgen's embeddings, one for each codebook, have rules of their own.
  const std::string codes = "model.decoder.embed_tokens";
  CHECK(open_with({matrix(codes + ".0.weight", 5, 4, 1), matrix(codes + ".1.weight", 5, 4, 9)})
            .tensors == 2);
}

TEST_CASE("factors that make no matrix stay as they are, with a note", "[bad-input]") {
  const Opened opened = open_with({matrix(kStem + ".A", 2, 5, 1), matrix(kStem + ".B", 3, 4, 1)});
  CHECK(opened.tensors == 2);
  CHECK_THAT(opened.notes, Contains("do not make a matrix"));
}

TEST_CASE("a model with a factored layer has the units of the whole model") {
  test::EditedModel model("llama");
  const Anatomy whole = model.good();
  model.remove("layers.1.mlp.up_proj");
  model.add_zeros("model.layers.1.mlp.up_proj.A.weight", DType::bf16, {4, 16});
  model.add_zeros("model.layers.1.mlp.up_proj.B.weight", DType::bf16, {10, 4});
  CHECK(model.good().unit_count() == whole.unit_count());
}

}  // namespace wmk::checkpoint::factors_test
