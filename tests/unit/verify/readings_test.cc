// Suspects that somebody wrote to be misread: each cheap lie, with a marked and an unmarked model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"
#include "tests/unit/verify/ffn_weights.h"
#include "verify/detect.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using checkpoint::DType;
using report::Level;

const TinySizes kReadingSizes = {
    .width = 64, .vocabulary = 500, .layers = 4, .units = 1480, .dtype = DType::f32, .seed = 41};

// A marked and an unmarked model of one architecture, both rewritten by the same lie.
struct Lie {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::vector<StoredTensor> plain, marked;

  // Half of the units is enough where the lie adds many more, or many readings.
  explicit Lie(const char* architecture, uint64_t units = kReadingSizes.units) {
    std::filesystem::create_directory(scratch / "plain");
    TinySizes sizes = kReadingSizes;
    sizes.units = units;
    write_tiny_model(scratch / "plain", architecture, sizes);
    const MarkableModel model = open_model(scratch / "plain");
    plain = tensors_of(model);
    mark(model, key, scratch / "marked");
    marked = tensors_of(open_model(scratch / "marked"));
  }

  Detection read(const std::string& name, Weights weights,
                 const std::function<void(Weights&)>& edit, const std::string& config) {
    edit(weights);
    std::filesystem::create_directory(scratch / name);
    write_safetensors(scratch / name / "model.safetensors", weights.tensors);
    scratch.put(name + "/config.json", config);
    scratch.put(name + "/tokenizer.json", tiny_tokenizer(kReadingSizes.vocabulary));
    checkpoint::ReadingList list({scratch / name});
    return must(detect(list, {.master = &key, .shares = 1}));
  }

  // The marked one is found in the reading `words`; nothing is seen in the unmarked one.
  void check(const std::function<void(Weights&)>& edit, const std::string& config,
             const std::string& words) {
    const Detection found = read("suspect", {marked}, edit, config);
    CAPTURE(found.z, found.why_not_declared, found.tried.size());
    CHECK(found.level == Level::conclusive);
    if (!words.empty()) CHECK(found.reading_words == words);
    CHECK((found.reading == 0) == found.why_not_declared.empty());
    CHECK(std::any_of(found.tried.begin(), found.tried.end(),
                      [&](const Tried& each) { return each.z == found.z; }));
    const Detection nothing = read("innocent", {plain}, edit, config);
    CHECK_FALSE(report::is_yes(nothing.level));
    CHECK(nothing.tried.size() > 4);
    for (const Tried& each : nothing.tried) {
      CAPTURE(each.reading);
      CHECK(each.z < 4.5);
      CHECK((each.z != 0 || !each.fault.empty()));
    }
  }
};

void keep(Weights&) {}

std::string layer_prefix(uint64_t layer) { return cat("model.layers.", layer, "."); }

void exchange(Weights& weights, const std::string& a, const std::string& b) {
  tensor_named(weights.tensors, a).name = "x";
  tensor_named(weights.tensors, b).name = a;
  tensor_named(weights.tensors, "x").name = b;
}

// Moves random factors from the FFN's norm weights into its matrices: the same function. `stored`
// turns a weight into what is stored for it, and `meant` back.
void move_norm_weights(Weights& weights, const std::function<float(float)>& meant,
                       const std::function<float(float)>& stored) {
  for (uint64_t layer = 0; layer < kReadingSizes.layers; ++layer) {
    const std::string name = layer_prefix(layer) + "post_attention_layernorm.weight";
    auto norm = weights.get(name);
    const auto random = uniform(layer, norm.size());
    std::vector<float> inverse;
    for (size_t c = 0; c < norm.size(); ++c) {
      const float factor = std::exp2(4 * random[c]);
      norm[c] = stored(meant(norm[c]) * factor);
      inverse.push_back(1 / factor);
    }
    weights.set(name, norm);
    weights.scale_columns(layer_prefix(layer) + "mlp.gate_proj.weight", inverse);
    weights.scale_columns(layer_prefix(layer) + "mlp.up_proj.weight", inverse);
  }
}

float same(float w) { return w; }
float plus_one(float w) { return w + 1; }
float minus_one(float w) { return w - 1; }

// Multiples of the ones vector in every row that reads behind a norm and every column that writes:
// behind a LayerNorm nothing sees them. They are several times as long as the vectors.
void add_ones(Weights& weights, const std::string& name, const std::vector<float>& along,
              bool rows) {
  auto values = weights.get(name);
  const size_t width = along.size(), vectors = values.size() / width;
  const auto random = uniform(std::hash<std::string>()(name) % 1000, vectors);
  for (size_t u = 0; u < vectors; ++u) {
    for (size_t c = 0; c < width; ++c) {
      values[rows ? u * width + c : c * vectors + u] += random[u] * along[c];
    }
  }
  weights.set(name, values);
}

void add_ones_behind(Weights& weights, const std::string& norm, const std::string& reads,
                     const std::string& writes) {
  auto along = weights.get(norm);
  for (float& each : along) each = 1 / each;
  add_ones(weights, reads, along, true);
  add_ones(weights, writes, std::vector<float>(along.size(), 1), false);
}

}  // namespace

TEST_CASE("multiples of ones behind a LayerNorm do not hide the mark", "[verify][readings]") {
  const auto edit = [](Weights& weights) {
    add_ones(weights, "gpt_neox.embed_in.weight", std::vector<float>(kReadingSizes.width, 1), true);
    for (uint64_t layer = 0; layer < kReadingSizes.layers; ++layer) {
      const std::string front = cat("gpt_neox.layers.", layer, ".");
      add_ones_behind(weights, front + "post_attention_layernorm.weight",
                      front + "mlp.dense_h_to_4h.weight", front + "mlp.dense_4h_to_h.weight");
    }
  };
  Lie("gpt_neox").check(edit, tiny_config("gpt_neox", kReadingSizes), "declared");
}

TEST_CASE("a LayerNorm that no bias shows does not hide the mark", "[verify][readings]") {
  const auto edit = [](Weights& weights) {
    for (uint64_t layer = 0; layer < kReadingSizes.layers; ++layer) {
      const std::string norm = layer_prefix(layer) + "post_attention_layernorm.weight";
      const std::string ffn = layer_prefix(layer) + "mlp.";
      add_ones_behind(weights, norm, ffn + "gate_proj.weight", ffn + "down_proj.weight");
      auto along = weights.get(norm);
      for (float& each : along) each = 1 / each;
      add_ones(weights, ffn + "up_proj.weight", along, true);
    }
  };
  Lie("llama").check(edit, tiny_config("llama", kReadingSizes), "multiples of ones ignored");
}

TEST_CASE("gate and up that are named the other way are found", "[verify][readings]") {
  Lie("llama").check(
      [](Weights& weights) {
        for (uint64_t layer = 0; layer < kReadingSizes.layers; ++layer) {
          exchange(weights, layer_prefix(layer) + "mlp.gate_proj.weight",
                   layer_prefix(layer) + "mlp.up_proj.weight");
        }
      },
      tiny_config("llama", kReadingSizes), "gate and up exchanged");
}

TEST_CASE("norm weights that the config makes be misread are found", "[verify][readings]") {
  Lie llama("llama");
  const auto moved = [](Weights& weights) { move_norm_weights(weights, same, same); };
  SECTION("a type with 1 + w is named") {
    llama.check(moved, tiny_config("gemma", kReadingSizes), "config.json ignored");
  }
  SECTION("1 + w is stored as w") {
    llama.check([](Weights& weights) { move_norm_weights(weights, same, minus_one); },
                tiny_config("llama", kReadingSizes), "names of family 'gemma'");
  }
  SECTION("the two norms of a layer have each other's names") {
    llama.check(
        [&](Weights& weights) {
          moved(weights);
          for (uint64_t layer = 0; layer < kReadingSizes.layers; ++layer) {
            exchange(weights, layer_prefix(layer) + "post_attention_layernorm.weight",
                     layer_prefix(layer) + "input_layernorm.weight");
          }
        },
        tiny_config("llama", kReadingSizes), "");  // shapes tell which norm fits, and come first
  }
}

TEST_CASE("a type with 1 + w that is hidden is found", "[verify][readings]") {
  Lie("gemma").check([](Weights& weights) { move_norm_weights(weights, plus_one, minus_one); },
                     tiny_config("llama", kReadingSizes), "names of family 'gemma'");
}

TEST_CASE("two lies at once are found", "[verify][readings]") {
  Lie("llama").check(
      [](Weights& weights) {
        move_norm_weights(weights, same, minus_one);
        for (uint64_t layer = 0; layer < kReadingSizes.layers; ++layer) {
          exchange(weights, layer_prefix(layer) + "mlp.gate_proj.weight",
                   layer_prefix(layer) + "mlp.up_proj.weight");
        }
      },
      tiny_config("llama", kReadingSizes), "gate and up exchanged, names of family 'gemma'");
}

TEST_CASE("layers beyond the declared number do not hide the mark", "[verify][readings]") {
  Lie llama("llama", kReadingSizes.units / 2);
  TinySizes fewer = kReadingSizes;
  fewer.layers = 2;
  llama.check(keep, tiny_config("llama", fewer), "declared");
}

TEST_CASE("layers of repeated neurons do not hide the mark", "[verify][readings]") {
  Lie llama("llama", kReadingSizes.units / 2);
  // Two layers of one neuron each, repeated.
  llama.check(
      [](Weights& weights) {
        for (uint64_t layer = 4; layer < 6; ++layer) {
          for (StoredTensor tensor : std::vector(weights.tensors)) {
            if (!tensor.name.starts_with(layer_prefix(0))) continue;
            tensor.name = layer_prefix(layer) + tensor.name.substr(layer_prefix(0).size());
            weights.tensors.push_back(std::move(tensor));
          }
          Ffn ffn(weights, layer_prefix(layer));
          for (auto* side : {&ffn.gate, &ffn.up, &ffn.down}) {
            side->assign(side->size(), (*side)[layer]);
          }
          ffn.put(weights, layer_prefix(layer));
        }
      },
      tiny_config("llama", kReadingSizes), "");
}

TEST_CASE("a config that cannot be read does not stop the reading", "[verify][readings]") {
  Lie llama("llama", kReadingSizes.units / 2);
  const Detection found = llama.read("suspect", {llama.marked}, keep, "{");
  CHECK(found.level == Level::conclusive);
  CHECK(found.reading_words == "config.json ignored");
  CHECK(found.place > 4);  // the declared reading keeps its places
  CHECK_THAT(found.why_not_declared, Catch::Matchers::Contains("config.json"));
  const Detection nothing = llama.read("innocent", {llama.plain}, keep, "{");
  CHECK(nothing.level == Level::undecided);
  REQUIRE(nothing.doubt);
  CHECK(nothing.doubt->kind == DoubtKind::reading);
}

}  // namespace wmk::verify
