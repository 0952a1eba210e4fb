// Roles that names and shapes allow, of models in disguise.
#include <algorithm>
#include <random>

#include "checkpoint/numbers/widen.h"
#include "tests/unit/checkpoint/shapes/disguised.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::Disguised;
using wmk::test::kShapes;
using wmk::test::ReadFfn;
using wmk::test::renamed;
using wmk::test::replaced;
using wmk::test::stored;
using wmk::test::StoredTensor;
using wmk::test::tensor_named;
using wmk::test::Tensors;
using wmk::test::tiny_tensors;
using wmk::test::without_names;

bool is_of_layers(const StoredTensor& tensor) {
  return tensor.name.find(".layers.") != std::string::npos;
}

std::vector<float> values_in(const StoredTensor& tensor) {
  std::vector<float> out(tensor.data.size() / 4);
  widen(DType::f32, tensor.data, out);
  return out;
}

Tensors sorted(Tensors tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return tensors;
}

// All layers of one tensor's name in one tensor.
Tensors stacked(const Tensors& tensors) {
  Tensors out;
  for (const StoredTensor& tensor : tensors) {
    if (!is_of_layers(tensor)) {
      out.push_back(tensor);
      continue;
    }
    const std::string name = replaced(replaced(tensor.name, ".0.", "."), ".layers.", ".stack.");
    if (tensor.name.find(".0.") != std::string::npos) {
      out.push_back(tensor);
      out.back().name = name;
      out.back().shape.insert(out.back().shape.begin(), 1);
      continue;
    }
    for (int layer = 1; layer < 4; ++layer) {
      const std::string number = cat(".", layer, ".");
      if (tensor.name.find(number) == std::string::npos) continue;
      StoredTensor& all =
          tensor_named(out, replaced(replaced(tensor.name, number, "."), ".layers.", ".stack."));
      all.data.insert(all.data.end(), tensor.data.begin(), tensor.data.end());
      ++all.shape[0];
    }
  }
  return out;
}

// Gate and up of each layer in one tensor.
Tensors fused(Tensors tensors, bool interleaved) {
  Tensors out;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.name.find("up_proj") != std::string::npos) continue;
    out.push_back(tensor);
    if (tensor.name.find("gate_proj") == std::string::npos) continue;
    const StoredTensor& up = tensor_named(tensors, replaced(tensor.name, "gate", "up"));
    out.back().name = replaced(tensor.name, "gate_proj", "gate_up_proj");
    out.back().shape[0] *= 2;
    const size_t row = interleaved ? tensor.shape[1] * 4 : tensor.data.size();
    out.back().data.clear();
    for (size_t at = 0; at < tensor.data.size(); at += row) {
      for (const StoredTensor* from : {&tensor, &up}) {
        const auto begin = from->data.begin() + static_cast<ptrdiff_t>(at);
        out.back().data.insert(out.back().data.end(), begin, begin + static_cast<ptrdiff_t>(row));
      }
    }
  }
  return out;
}

Tensors transposed(Tensors tensors) {
  for (StoredTensor& tensor : tensors) {
    if (!is_of_layers(tensor) || tensor.shape.size() != 2) continue;
    const std::vector<float> values = values_in(tensor);
    const uint64_t rows = tensor.shape[0], columns = tensor.shape[1];
    std::vector<float> turned(values.size());
    for (uint64_t r = 0; r < rows; ++r) {
      for (uint64_t c = 0; c < columns; ++c) turned[c * rows + r] = values[r * columns + c];
    }
    tensor = stored(tensor.name, DType::f32, {columns, rows}, turned);
  }
  return tensors;
}

// What an owner may do without a change of function, and training does by itself: lengths of up
// rows and down columns go together, and norm weights with the columns of what reads them.
Tensors with_lengths(Tensors tensors) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (int layer = 0; layer < 4; ++layer) {
    const std::string prefix = cat("model.layers.", layer, ".");
    std::vector<float> units(kShapes.units), coordinates(kShapes.width);
    for (float& value : units) value = std::exp2(normal(random));
    for (float& value : coordinates) value = std::exp2(normal(random));
    const auto change = [&](const std::string& name, const auto& factor) {
      StoredTensor& tensor = tensor_named(tensors, prefix + name);
      std::vector<float> values = values_in(tensor);
      const uint64_t columns = tensor.shape.back();
      for (size_t i = 0; i < values.size(); ++i) values[i] *= factor(i / columns, i % columns);
      tensor = stored(tensor.name, DType::f32, tensor.shape, values);
    };
    change("mlp.gate_proj.weight", [&](size_t, size_t c) { return 1 / coordinates[c]; });
    change("mlp.up_proj.weight", [&](size_t u, size_t c) { return units[u] / coordinates[c]; });
    change("mlp.down_proj.weight", [&](size_t, size_t u) { return 1 / units[u]; });
    change("post_attention_layernorm.weight", [&](size_t, size_t c) { return coordinates[c]; });
  }
  return tensors;
}

}  // namespace

TEST_CASE("names behind a prefix or with other separators are known ones") {
  const Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  const std::vector<std::function<std::string(std::string)>> disguises = {
      [](std::string name) { return "foo.bar." + name; },
      [](std::string name) { return replaced(std::move(name), ".", "/"); },
      [](std::string name) { return replaced(std::move(name), ".", "_"); },
      [](std::string name) { return replaced(std::move(name), ".layers.", ".blocks-"); },
  };
  for (const auto& disguise : disguises) {
    CAPTURE(disguise("model.layers.0.mlp.up_proj.weight"));
    CHECK(Disguised(renamed(tensors, disguise)).place_of(wanted) == 0);
  }
}

TEST_CASE("unknown words with numbers of layers are read by their shapes") {
  const Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  using Words = std::vector<std::pair<std::string, std::string>>;
  const std::vector<Words> disguises = {
      {{"gate_proj", "wi_0"}, {"up_proj", "wi_1"}, {"down_proj", "wo"}},
      {{"model.layers", "transformer.h"},
       {"gate_proj", "w1"},
       {"up_proj", "w3"},
       {"down_proj", "w2"}},
      {{"model.layers.", "net/tier"}, {"gate", "rise"}, {"up_", "sink_"}, {"down_", "fall_"}},
  };
  for (const Words& words : disguises) {
    CAPTURE(words[0].second);
    const auto disguise = [&](std::string name) {
      for (const auto& [from, to] : words) name = replaced(std::move(name), from, to);
      return name;
    };
    CHECK(Disguised(renamed(tensors, disguise)).place_of(wanted) < 2);
  }
}

TEST_CASE("a model without names is read by shapes and order") {
  const Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  CHECK(Disguised(without_names(tensors)).place_of(wanted) < 6);
  CHECK(Disguised(without_names(sorted(tensors))).place_of(wanted) < 6);
  Tensors shuffled = without_names(sorted(tensors));
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(5));
  CHECK(Disguised(shuffled).place_of(wanted) < 6);
}

TEST_CASE("lengths of vectors show which norm and which matrices belong together") {
  const Tensors tensors = with_lengths(tiny_tensors("llama", kShapes));
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  CHECK(Disguised(without_names(tensors)).place_of(wanted) == 0);
  CHECK(Disguised(without_names(sorted(tensors))).place_of(wanted) == 0);
  CHECK(Disguised(without_names(fused(tensors, false))).place_of(wanted) == 0);
  CHECK(Disguised(without_names(fused(tensors, true))).place_of(wanted) == 0);
  CHECK(Disguised(without_names(transposed(tensors))).place_of(wanted) == 0);
  CHECK(Disguised(without_names(stacked(tensors))).place_of(wanted) == 0);
}

TEST_CASE("layers in one tensor are read by its first axis") {
  const Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  CHECK(Disguised(stacked(tensors)).place_of(wanted) < 2);
}

TEST_CASE("experts of a model without names are read by shapes") {
  for (const char* architecture : {"merged_moe", "gpt_oss", "qwen3_moe", "mixtral"}) {
    CAPTURE(architecture);
    const auto known = wmk::test::tiny_architectures();
    if (std::find(known.begin(), known.end(), architecture) == known.end()) continue;
    const Tensors tensors = tiny_tensors(architecture, kShapes);
    const std::vector<ReadFfn> wanted = Disguised(tensors).declared(architecture);
    CHECK(Disguised(without_names(tensors)).place_of(wanted) < 12);
  }
}

TEST_CASE("of two families in one file each is a variant") {
  Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  for (StoredTensor& decoy : tiny_tensors("gpt2", kShapes)) tensors.push_back(std::move(decoy));
  Config config;
  config.model_type = "gpt2";
  const Disguised both(tensors);
  CHECK(must(make_anatomy(both.checkpoint(), config)).family == "gpt2");
  CHECK(both.place_of(wanted, config) < 3);
}

TEST_CASE("of copies behind other wrappers each is a variant") {
  const Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  auto sizes = kShapes;
  sizes.seed = 9;
  Tensors both = tiny_tensors("llama", sizes);
  for (const StoredTensor& tensor : renamed(tensors, [](std::string name) {
         return "module.module." + std::move(name);
       })) {
    both.push_back(tensor);
  }
  CHECK(Disguised(both).declared("llama") != wanted);
  CHECK(Disguised(both).place_of(wanted) < 3);
}

TEST_CASE("shapes that fit no model give no variants, and no harm", "[bad-input]") {
  const auto zeros = [](std::string name, std::vector<uint64_t> shape) {
    uint64_t bytes = 4;
    for (const uint64_t extent : shape) bytes *= extent;
    return StoredTensor{std::move(name), DType::f32, std::move(shape), Bytes(bytes)};
  };
  CHECK(Disguised({zeros("a", {0, 1ull << 62, 1ull << 62})}).variants().empty());
  CHECK(Disguised({zeros("a", {1}), zeros("b", {1, 1, 1, 1, 1})}).variants().empty());
  Tensors many;
  for (int i = 0; i < 64; ++i) many.push_back(zeros(cat("t", i), {4, 4}));
  many.push_back(zeros("e", {9, 4}));
  for (const auto& variant : Disguised(many).variants()) CHECK_FALSE(variant.words.empty());
  Tensors thin = {zeros("e", {2, 1}), zeros("a", {1, 1}), zeros("b", {1, 1}), zeros("c", {1, 1})};
  for (const auto& variant : Disguised(thin).variants()) CHECK_FALSE(variant.words.empty());
}

}  // namespace wmk::checkpoint
