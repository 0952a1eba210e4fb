// Which heads attend alike where queries and keys pass a latent (specs/careful_heads.md 2).
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "embed/heads/same_pattern.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr size_t kPatternWidth = 64, kPatterns = 6, kOwnKeys = 8, kRotary = 4, kHeldValues = 16;
constexpr size_t kKeyRank = 24, kQueryRank = 20;
const TinySizes kPatternSizes{.width = kPatternWidth,
                              .vocabulary = 300,
                              .layers = 1,
                              .units = 64,
                              .dtype = DType::f32,
                              .seed = 3};

void add_rows(std::vector<float>& to, const float* rows, size_t count, size_t width, float factor) {
  for (size_t i = 0; i < count * width; ++i) to.push_back(factor * rows[i]);
}

// Six heads, then `clones` of the first ones: the same patterns in other numbers, with values and
// outputs of their own.
MarkableModel latent_model(const std::filesystem::path& folder, bool latent_queries,
                           size_t clones) {
  const std::string self = "model.layers.0.self_attn.";
  const size_t heads = kPatterns + clones, read = latent_queries ? kQueryRank : kPatternWidth;
  const auto q = uniform(1, kPatterns * (kOwnKeys + kRotary) * read),
             k = uniform(2, kPatterns * kOwnKeys * kKeyRank);
  const auto v = uniform(3, heads * kHeldValues * kKeyRank);
  std::vector<float> queries, up;
  for (size_t h = 0; h < heads; ++h) {
    const float factor = h < kPatterns ? 1.0f : 2.0f;
    const float* from = &q[h % kPatterns * (kOwnKeys + kRotary) * read];
    add_rows(queries, from, kOwnKeys, read, factor);
    add_rows(queries, from + kOwnKeys * read, kRotary, read, 1);
    add_rows(up, &k[h % kPatterns * kOwnKeys * kKeyRank], kOwnKeys, kKeyRank, 1 / factor);
    add_rows(up, &v[h * kHeldValues * kKeyRank], kHeldValues, kKeyRank, 1);
  }
  auto tensors = tiny_tensors("llama", kPatternSizes);
  std::erase_if(tensors, [](const StoredTensor& each) {
    return each.name.find("self_attn") != std::string::npos;
  });
  const auto put = [&](const char* name, std::vector<uint64_t> shape, std::vector<float> values) {
    tensors.push_back(stored(cat(self, name, ".weight"), DType::f32, std::move(shape), values));
  };
  put(latent_queries ? "q_b_proj" : "q_proj", {heads * (kOwnKeys + kRotary), read}, queries);
  if (latent_queries) {
    put("q_a_proj", {kQueryRank, kPatternWidth}, uniform(4, kQueryRank * kPatternWidth));
    put("q_a_layernorm", {kQueryRank}, uniform(5, kQueryRank));
  }
  put("kv_a_proj_with_mqa", {kKeyRank + kRotary, kPatternWidth},
      uniform(6, (kKeyRank + kRotary) * kPatternWidth));
  put("kv_a_layernorm", {kKeyRank}, uniform(7, kKeyRank));
  put("kv_b_proj", {heads * (kOwnKeys + kHeldValues), kKeyRank}, up);
  put("o_proj", {kPatternWidth, heads * kHeldValues},
      uniform(8, kPatternWidth * heads * kHeldValues));
  std::filesystem::create_directory(folder);
  write_tiny_model(folder, "llama", kPatternSizes);  // config and tokenizer
  write_safetensors(folder / "model.safetensors", tensors);
  MarkableModel model = open_model(folder);
  checkpoint::Config config;
  config.heads = heads;
  model.anatomy.heads = must(checkpoint::find_heads(model.checkpoint, model.anatomy, config));
  return model;
}

neurons::Clusters patterns_of(const MarkableModel& model) {
  const auto structures = test::share_structures(model, test_key("owner"), 1);
  const CircuitReader circuits(model.checkpoint, model.anatomy, structures);
  SamePattern patterns(model.checkpoint, circuits);
  ScaledReader reader(circuits);
  return must(patterns.find(0, reader));
}

}  // namespace

TEST_CASE("heads of one pattern are found where queries and keys pass a latent", "[embed][heads]") {
  Scratch scratch;
  for (const bool latent : {false, true}) {
    CAPTURE(latent);
    CHECK(patterns_of(latent_model(scratch / cat("honest", latent), latent, 0)).empty());
    const auto found = patterns_of(latent_model(scratch / cat("clones", latent), latent, 4));
    CHECK(found == neurons::Clusters{{0, 6}, {1, 7}, {2, 8}, {3, 9}});
  }
}

TEST_CASE("heads are not compared where the queries of a latent have another form",
          "[embed][heads]") {
  Scratch scratch;
  const MarkableModel model = latent_model(scratch / "model", true, 4);
  auto tensors = tensors_of(model);
  StoredTensor& norm = tensor_named(tensors, "model.layers.0.self_attn.q_a_layernorm.weight");
  norm = stored(norm.name, DType::f32, {kQueryRank + 1}, uniform(9, kQueryRank + 1));
  MarkableModel other = write_model(scratch / "other", tensors, model);
  other.anatomy.heads = model.anatomy.heads;
  CHECK(patterns_of(other).empty());
}

}  // namespace wmk::embed
