// Roles that names and shapes allow, of models in disguise.
#include "tests/unit/checkpoint/shapes/disguises.h"

namespace wmk::checkpoint {
using namespace wmk::test;

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
  CHECK(Disguised(without_names(tensors)).place_of(wanted) < 10);
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

TEST_CASE("matrices in any order are matched by directions") {
  Tensors tensors = with_lengths(with_directions(tiny_tensors("llama", kShapes)));
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  for (const unsigned seed : {1u, 2u, 3u}) {
    std::shuffle(tensors.begin(), tensors.end(), std::mt19937(seed));
    CHECK(Disguised(without_names(tensors)).place_of(wanted) == 0);
  }
}

TEST_CASE("attention of the size of the FFN is told apart by names or directions") {
  auto sizes = kShapes;
  for (const uint64_t units : {sizes.width, sizes.width / 2, 2 * sizes.width}) {
    CAPTURE(units);
    sizes.units = units;
    const Tensors tensors = with_attention(tiny_tensors("llama", sizes), sizes, units);
    const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
    const auto disguise = [](std::string name) {
      return replaced(replaced(std::move(name), "layers", "tier"), "mlp", "thing");
    };
    CHECK(Disguised(renamed(tensors, disguise)).place_of(wanted) < 6);
  }
}

TEST_CASE("layers in one tensor are read by its first axis") {
  const Tensors tensors = tiny_tensors("llama", kShapes);
  const std::vector<ReadFfn> wanted = Disguised(tensors).declared("llama");
  CHECK(Disguised(stacked(tensors)).place_of(wanted) < 2);
}

TEST_CASE("experts of a model without names are read by shapes") {
  for (const char* architecture : {"merged_moe", "gpt_oss", "qwen3_moe", "mixtral"}) {
    CAPTURE(architecture);
    const auto known = tiny_architectures();
    if (std::find(known.begin(), known.end(), architecture) == known.end()) continue;
    const Tensors tensors = tiny_tensors(architecture, kShapes);
    const std::vector<ReadFfn> wanted = Disguised(tensors).declared(architecture);
    CHECK(Disguised(without_names(sorted(tensors))).place_of(wanted) < 12);
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
  for (const StoredTensor& tensor :
       renamed(tensors, [](std::string name) { return "module.module." + std::move(name); })) {
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
  CHECK(Disguised({zeros("a", {1}), zeros("b", {1, 1, 1, 1, 1})}).variants().empty());
  Tensors many;
  for (int i = 0; i < 64; ++i) many.push_back(zeros(cat("t", i), {4, 4}));
  many.push_back(zeros("e", {9, 4}));
  for (const auto& variant : Disguised(many).variants()) CHECK_FALSE(variant.words.empty());
  Tensors thin = {zeros("e", {2, 1}), zeros("a", {1, 1}), zeros("b", {1, 1}), zeros("c", {1, 1})};
  for (const auto& variant : Disguised(thin).variants()) CHECK_FALSE(variant.words.empty());
}

}  // namespace wmk::checkpoint
