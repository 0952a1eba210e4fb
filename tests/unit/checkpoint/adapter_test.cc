// Adapters merged with their base, compared with PEFT; and what is refused.
#include "checkpoint/adapter/adapter.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "checkpoint/adapter/config.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/read_rectangle.h"
#include "tests/unit/checkpoint/torch/tiny_torch.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::Scratch;

const std::string kVectors = WMK_SOURCE_DIR "/tests/vectors/adapter/";

Checkpoint merged(const std::filesystem::path& adapter, const std::filesystem::path& base) {
  auto checkpoint = Checkpoint::open_merged(adapter, base);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  return std::move(*checkpoint);
}

std::vector<float> values_of(const Checkpoint& checkpoint, const Tensor& tensor) {
  const uint64_t columns = tensor.shape.back();
  std::vector<float> out(tensor.elements());
  REQUIRE(read_rectangle(checkpoint.files(), tensor, {0, out.size() / columns, 0, columns}, out));
  return out;
}

// A base of two 2 x 3 matrices "x.weight" and "y.weight", and an adapter of x of rank 1.
struct Tiny {
  Scratch scratch;
  std::string config = R"({"peft_type": "LORA", "r": 1, "lora_alpha": 2})";
  std::vector<test::TinyTensor> base = {{.name = "x.weight"}, {.name = "y.weight"}};
  std::vector<test::TinyTensor> adapter = {
      {.name = "base_model.model.x.lora_A.weight", .shape = {1, 3}, .strides = {3, 1}},
      {.name = "base_model.model.x.lora_B.weight", .shape = {2, 1}, .strides = {1, 1}}};

  Result<Checkpoint> open() const {
    scratch.put("a/adapter_config.json", config);
    scratch.put("a/adapter_model.bin", test::tiny_torch(adapter));
    const auto model = scratch.put("base.bin", test::tiny_torch(base));
    return Checkpoint::open_merged(scratch / "a", model);
  }
  void check_refused(std::string_view words) const {
    const auto checkpoint = open();
    CAPTURE(words);
    REQUIRE(!checkpoint);
    CAPTURE(checkpoint.error().message());
    CHECK(checkpoint.error().message().find(words) != std::string::npos);
  }
};

void check_config(std::string_view fields, std::string_view words) {
  const auto config = parse_adapter_config(cat(R"({"peft_type": "LORA")", fields, "}"));
  CAPTURE(fields, words);
  REQUIRE(!config);
  CHECK(config.error().message().find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("an adapter with its base has the values that PEFT merges") {
  for (const char* name : {"plain", "rslora", "patterns", "dora", "conv1d", "conv1d_dora",
                           "embedding", "saved", "torch"}) {
    CAPTURE(name);
    const Checkpoint model = merged(kVectors + name, kVectors + "base.safetensors");
    const auto expected = Checkpoint::open(cat(kVectors, name, "/merged.safetensors"));
    const auto base = Checkpoint::open(kVectors + "base.safetensors");
    REQUIRE(expected);
    REQUIRE(base);
    CHECK(model.tensors().size() == expected->tensors().size());
    size_t changed = 0;
    for (const Tensor& tensor : expected->tensors()) {
      CAPTURE(tensor.name);
      const Tensor* own = model.find(tensor.name);
      REQUIRE(own != nullptr);
      REQUIRE(own->shape == tensor.shape);
      const auto ours = values_of(model, *own), theirs = values_of(*expected, tensor);
      float greatest = 0;
      for (size_t i = 0; i < ours.size(); ++i) {
        greatest = std::max(greatest, std::abs(ours[i] - theirs[i]));
      }
      CHECK(greatest <= 1e-6f);
      changed += theirs != values_of(*base, *base->find(tensor.name));
    }
    CHECK(changed >= 3);
  }
}

TEST_CASE("any rectangle of an adapted matrix is the same part of the whole") {
  for (const char* name : {"dora", "conv1d_dora", "embedding"}) {
    const Checkpoint model = merged(kVectors + name, kVectors + "base.safetensors");
    for (const Tensor& tensor : model.tensors()) {
      if (!tensor.encoding) continue;
      CAPTURE(name, tensor.name);
      const auto whole = values_of(model, tensor);
      const uint64_t columns = tensor.shape[1];
      const Rectangle part{1, tensor.shape[0] - 2, 3, columns - 4};
      std::vector<float> values(part.rows * part.columns);
      REQUIRE(model.decode(tensor, part, values));
      for (uint64_t i = 0; i < values.size(); ++i) {
        const uint64_t r = 1 + i / part.columns, c = 3 + i % part.columns;
        REQUIRE(values[i] == whole[r * columns + c]);
      }
    }
  }
}

TEST_CASE("the update is the base plus scale times the product, in f32") {
  const Tiny tiny;
  const auto checkpoint = tiny.open();
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  // W = 0..5, A = 0 1 2, B = 0 1, alpha / r = 2.
  CHECK(values_of(*checkpoint, *checkpoint->find("x.weight")) ==
        std::vector<float>{0, 1, 2, 3, 4 + 2, 5 + 4});
  CHECK(values_of(*checkpoint, *checkpoint->find("y.weight")) ==
        std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(checkpoint->find("x.weight")->encoding->name() == "LoRA");
  CHECK(checkpoint->find("y.weight")->encoding == nullptr);
  CHECK(checkpoint->format() == "PyTorch");
}

TEST_CASE("an adapter alone is not a model, and a model is not an adapter") {
  const auto alone = Checkpoint::open(kVectors + "plain");
  REQUIRE(!alone);
  CHECK(alone.error().message().find("is an adapter, not a complete model") != std::string::npos);
  CHECK(alone.error().hint().find("--base MODEL") != std::string::npos);
  CHECK(!Checkpoint::open(kVectors + "plain/adapter_model.safetensors"));
  const std::string base = kVectors + "base.safetensors";
  const auto twice = Checkpoint::open_merged(base, base);
  REQUIRE(!twice);
  CHECK(twice.error().message().find("is not an adapter") != std::string::npos);
}

TEST_CASE("names of the base are found without wrappers where that is unambiguous") {
  Tiny tiny;
  tiny.base = {{.name = "model.x.weight"}, {.name = "y.weight"}};
  const auto checkpoint = tiny.open();
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->find("model.x.weight")->encoding != nullptr);
  tiny.base.push_back({.name = "module.x.weight"});
  tiny.check_refused("the base has no tensor 'x.weight'");
}

TEST_CASE("kinds of adapters that are not known are refused by name", "[bad-input]") {
  const auto other = parse_adapter_config(R"({"peft_type": "IA3"})");
  REQUIRE(!other);
  CHECK(other.error().message() == "adapters of type 'IA3' are not read");
  check_config(R"(, "use_qalora": true)", "'use_qalora' is set, but not supported");
  check_config(R"(, "target_parameters": ["experts.up"])", "'target_parameters' is set");
  check_config(R"(, "layer_replication": [[0, 4]])", "'layer_replication' is set");
  check_config(R"(, "lora_bias": true)", "'lora_bias' is set");
  check_config(R"(, "made_up": {"x": 1})", "'made_up' is set");
  check_config(R"(, "init_lora_weights": "pissa")", "'pissa' changes the base");
  check_config(R"(, "alpha_pattern": {"layers.[0-3]": 4})", "is not a plain name");
  check_config(R"(, "alpha_pattern": [1])", "is not an object");
  check_config(R"(, "lora_alpha": 0)", "not a positive number");
  check_config(R"(, "lora_alpha": 1e300)", "not a positive number");
  check_config(R"(, "use_dora": 1)", "neither true nor false");
  CHECK(!parse_adapter_config("[]"));
  CHECK(!parse_adapter_config("{}"));
  CHECK(!parse_adapter_config("{"));
}

TEST_CASE("alphas follow their patterns, and rank-stabilised ones the root of the rank") {
  const auto config = parse_adapter_config(
      R"({"peft_type": "LORA", "lora_alpha": 8, "use_rslora": true,
          "alpha_pattern": {"1.up": 2, "up": 4}})");
  REQUIRE(config);
  CHECK(config->scale("layers.0.down", 4) == 4.0f);
  CHECK(config->scale("layers.0.up", 4) == 2.0f);
  CHECK(config->scale("layers.1.up", 4) == 1.0f);
  CHECK(config->scale("layers.11.up", 4) == 2.0f);
  CHECK(config->scale("layers.0.cup", 4) == 4.0f);
}

TEST_CASE("adapters that do not fit their base are refused", "[bad-input]") {
  const auto with = [](void (*change)(Tiny&), std::string_view words) {
    Tiny tiny;
    change(tiny);
    CAPTURE(words);
    tiny.check_refused(words);
  };
  with([](Tiny& t) { t.base[0].name = "z.weight"; }, "the base has no tensor 'x.weight'");
  with([](Tiny& t) { t.adapter.pop_back(); }, "module 'x': has no A or no B");
  with([](Tiny& t) { t.adapter[0].shape = {1, 2}; }, "of the base's shape");
  with([](Tiny& t) { t.adapter[0].shape = {2, 3}; }, "are not matrices");
  with([](Tiny& t) { t.adapter[0].shape = {1, 0}; }, "are not matrices");
  with([](Tiny& t) { t.adapter[0].shape = {3}, t.adapter[0].strides = {1}; }, "are not matrices");
  with([](Tiny& t) { t.adapter[0].name = "x.lora_A.weight"; },
       "not named like an adapter tensor of PEFT");
  with([](Tiny& t) { t.adapter[0].name = "base_model.model.x.lora_C.weight"; }, "not supported");
  with([](Tiny& t) { t.adapter[0].name = "base_model.model.y.weight"; }, "has no A or no B");
  with([](Tiny& t) { t.config = R"({"peft_type": "LORA", "use_dora": true})"; }, "magnitudes");
  with(
      [](Tiny& t) {
        t.adapter.push_back(
            {.name = "base_model.model.x.lora_magnitude_vector", .shape = {3}, .strides = {1}});
        t.config = R"({"peft_type": "LORA", "use_dora": true})";
      },
      "numbers of magnitudes");
  with(
      [](Tiny& t) {
        t.adapter.push_back(
            {.name = "base_model.model.y.weight", .shape = {3, 2}, .strides = {2, 1}});
      },
      "has another shape than in the base");
  with(
      [](Tiny& t) {
        t.adapter = {t.adapter[0]};
        t.adapter[0].name = "base_model.model.y.weight";
      },
      "does not change any matrix");
}

}  // namespace wmk::checkpoint
