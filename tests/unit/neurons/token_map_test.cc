// The map between two models by their tokens, where every FFN is new.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>

#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "neurons/carry/map_holds.h"
#include "neurons/carry/neuron_map.h"
#include "stats/vectors.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::neurons {
namespace {

using namespace wmk::test;

constexpr TinySizes kModel = {.width = 64,
                              .vocabulary = 1500,
                              .layers = 4,
                              .units = 80,
                              .dtype = checkpoint::DType::f32,
                              .seed = 3};

// Coordinate c of the copy is coordinate place_of(c) of the model, or minus that.
size_t place_of(size_t c) { return (5 * c + 3) % kModel.width; }
float sign_of(size_t c) { return c % 3 == 0 ? -1.0f : 1.0f; }
size_t token_of(size_t row) { return (7 * row + 11) % kModel.vocabulary; }

// Turns the last coordinate of a matrix with rows of the model's width.
std::vector<float> turned_rows(const std::vector<float>& values) {
  std::vector<float> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t c = i % kModel.width;
    out[i] = sign_of(c) * values[i - c + place_of(c)];
  }
  return out;
}

// Uniform noise, as a part of the deviation of all values.
void add_noise(double noise, std::mt19937& random, std::vector<float>& values) {
  const double squares = stats::sum_of_squares(values.data(), values.size());
  const double range = noise * std::sqrt(12 * squares / static_cast<double>(values.size()));
  for (float& value : values) {
    value += static_cast<float>(range * (static_cast<double>(random()) * 0x1p-32 - 0.5));
  }
}

struct Renewal {
  bool has_other_queries = false;
  double noise = 0;  // in queries, keys and tokens
};

// A copy with other coordinates and numbers of tokens, whose FFNs are those of another model.
std::vector<StoredTensor> renewed_copy(const Renewal& how) {
  std::mt19937 random(5);
  auto out = tiny_tensors("llama", kModel);
  TinySizes other = kModel;
  other.seed = 9;
  const auto others = tiny_tensors("llama", other);
  for (size_t t = 0; t < out.size(); ++t) {
    StoredTensor& tensor = out[t];
    const bool is_query = tensor.name.find("q_proj") != std::string::npos ||
                          tensor.name.find("k_proj") != std::string::npos;
    if (tensor.name.find("mlp.") != std::string::npos || (is_query && how.has_other_queries)) {
      tensor = others[t];
      continue;
    }
    std::vector<float> values(tensor.data.size() / sizeof(float));
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    if (tensor.shape.size() > 1) add_noise(how.noise, random, values);
    if (is_query) values = turned_rows(values);
    if (tensor.shape.size() == 1) {
      auto old = values;
      for (size_t c = 0; c < values.size(); ++c) values[c] = old[place_of(c)];
    }
    if (tensor.name == "model.embed_tokens.weight") {
      const auto rows = turned_rows(values);
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = rows[token_of(i / kModel.width) * kModel.width + i % kModel.width];
      }
    }
    tensor = stored(tensor.name, tensor.dtype, tensor.shape, values);
  }
  return out;
}

struct TurnedModels {
  Scratch scratch;
  MarkableModel release, suspect;

  explicit TurnedModels(const Renewal& how = {})
      : release(write("release", tiny_tensors("llama", kModel))),
        suspect(write("suspect", renewed_copy(how))) {}

  MarkableModel write(const char* name, const std::vector<StoredTensor>& tensors) const {
    std::filesystem::create_directory(scratch / name);
    write_tiny_model(scratch / name, "llama", kModel);
    write_safetensors(scratch / name / "model.safetensors", tensors);
    MarkableModel out = open_model(scratch / name);
    out.anatomy.heads = must(checkpoint::find_heads(out.checkpoint, out.anatomy, {}));
    return out;
  }
  Result<ResidualMap> map(unsigned threads) const {
    return map_tokens({&suspect.checkpoint, &suspect.anatomy},
                      {&release.checkpoint, &release.anatomy}, threads, nullptr);
  }
};

// Stores the same product up * diag(norm) * down in another way: the latent's order is reversed,
// and powers of two move from the norm weights to what is behind them.
void rewrite_latent(std::vector<float>& down, std::vector<float>& norm, std::vector<float>& up) {
  const auto old_down = down, old_norm = norm, old_up = up;
  const size_t size = norm.size();
  for (size_t k = 0; k < size; ++k) {
    const size_t from = size - 1 - k;
    const int shift = static_cast<int>(k % 5) * 30 - 60;
    std::copy_n(&old_down[from * kModel.width], kModel.width, &down[k * kModel.width]);
    norm[k] = std::ldexp(old_norm[from], -shift);
    for (size_t r = 0; r < up.size() / size; ++r) {
      up[r * size + k] = std::ldexp(old_up[r * size + from], shift);
    }
  }
}

// Latent attention in place of that of `tensors`. `turned`: in the coordinates of the copy, and
// stored in another way.
MarkableModel latent_model(const TurnedModels& models, std::vector<StoredTensor> tensors,
                           bool turned) {
  constexpr uint64_t heads = 4, own = 12, positions = 4, values = 16, rank = 24, queries = 40;
  constexpr uint64_t width = kModel.width;
  std::erase_if(tensors, [](const StoredTensor& each) {
    return each.name.find("self_attn") != std::string::npos;
  });
  for (uint64_t layer = 0; layer < kModel.layers; ++layer) {
    const auto put = [&](const char* part, std::vector<uint64_t> shape,
                         std::vector<float> numbers) {
      tensors.push_back(stored(cat("model.layers.", layer, ".self_attn.", part, ".weight"),
                               checkpoint::DType::f32, std::move(shape), numbers));
    };
    const auto random = [&](unsigned part, size_t count) {
      return uniform(100 * static_cast<unsigned>(layer + 1) + part, count);
    };
    auto q_down = random(0, queries * width), q_norm = random(1, queries),
         q_up = random(2, heads * (own + positions) * queries),
         kv_down = random(3, (rank + positions) * width), kv_norm = random(4, rank),
         kv_up = random(5, heads * (own + values) * rank);
    if (turned) {
      q_down = turned_rows(q_down);
      kv_down = turned_rows(kv_down);
      rewrite_latent(q_down, q_norm, q_up);
      rewrite_latent(kv_down, kv_norm, kv_up);
    }
    put("q_a_proj", {queries, width}, q_down);
    put("q_a_layernorm", {queries}, q_norm);
    put("q_b_proj", {heads * (own + positions), queries}, q_up);
    put("kv_a_proj_with_mqa", {rank + positions, width}, kv_down);
    put("kv_a_layernorm", {rank}, kv_norm);
    put("kv_b_proj", {heads * (own + values), rank}, kv_up);
    put("o_proj", {width, heads * values}, random(6, width * heads * values));
  }
  MarkableModel out = models.write(turned ? "turned" : "latent", tensors);
  checkpoint::Config config;
  config.heads = heads;
  out.anatomy.heads = must(checkpoint::find_heads(out.checkpoint, out.anatomy, config));
  REQUIRE(out.anatomy.heads.layers.size() == kModel.layers);
  REQUIRE(out.anatomy.heads.layers[0].latent);
  return out;
}

}  // namespace

TEST_CASE("tokens, queries and keys show the rotation where every FFN is new", "[neurons][carry]") {
  const TurnedModels models;
  const auto map = models.map(1);
  REQUIRE(map);
  CHECK(map->fitted_to == MapRows::tokens);
  CHECK(map->pairs > 1000);
  CHECK(map->cosine > 0.999);
  CHECK(map->layer_pairs.size() == kModel.layers);
  for (size_t c = 0; c < kModel.width; ++c) {
    CHECK(map->o[c * kModel.width + place_of(c)] == Approx(sign_of(c)).margin(0.01));
  }
  const auto again = models.map(3);
  REQUIRE(again);
  CHECK(again->o == map->o);
}

// Forms alone show few pairs, and the rounds find the others.
TEST_CASE("noise in tokens, queries and keys does not hide the rotation", "[neurons][carry]") {
  const auto map = TurnedModels({.noise = 0.35}).map(2);
  REQUIRE(map);
  CHECK(map->pairs > 1000);
  for (size_t c = 0; c < kModel.width; ++c) {
    CHECK(map->o[c * kModel.width + place_of(c)] == Approx(sign_of(c)).margin(0.05));
  }
}

TEST_CASE("tokens under the queries of another model give no map", "[neurons][carry]") {
  const auto map = TurnedModels({.has_other_queries = true}).map(2);
  REQUIRE_FALSE(map);
  CHECK(map.error().message() == "the release's tokens are not found in the suspect");
}

TEST_CASE("a map of another reading serves where it places the tokens", "[neurons][carry]") {
  const TurnedModels models;
  const Model suspect{&models.suspect.checkpoint, &models.suspect.anatomy};
  const Model release{&models.release.checkpoint, &models.release.anatomy};
  ResidualMap map = must(models.map(2));
  CHECK(must(holds_for_tokens(map, suspect, release, 2)));
  CHECK_FALSE(must(holds_for_tokens(map, release, release, 2)));
  for (size_t i = 0; i < map.o.size(); ++i) map.o[i] = i % (kModel.width + 1) == 0 ? 1.0f : 0.0f;
  CHECK_FALSE(must(holds_for_tokens(map, suspect, release, 2)));
  CHECK(must(holds_for_tokens(map, release, release, 2)));
  map.suspect_width = 2 * kModel.width;
  CHECK_FALSE(must(holds_for_tokens(map, suspect, release, 2)));
}

TEST_CASE("queries and keys behind a latent show the rotation", "[neurons][carry]") {
  const TurnedModels models;
  const MarkableModel release = latent_model(models, tiny_tensors("llama", kModel), false);
  const MarkableModel suspect = latent_model(models, renewed_copy({}), true);
  const Model from{&suspect.checkpoint, &suspect.anatomy};
  const auto map = map_tokens(from, {&release.checkpoint, &release.anatomy}, 2, nullptr);
  REQUIRE(map);
  CHECK(map->pairs > 1000);
  CHECK(map->cosine > 0.999);
  CHECK(map->layer_pairs.size() == kModel.layers);
  for (size_t c = 0; c < kModel.width; ++c) {
    CHECK(map->o[c * kModel.width + place_of(c)] == Approx(sign_of(c)).margin(0.01));
  }
}

}  // namespace wmk::neurons
