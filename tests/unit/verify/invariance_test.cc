// Rewrites that do not change the function of a model must not change z (specs/mark.md 7).
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <numeric>
#include <random>

#include "base/json.h"
#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"
#include "tests/unit/verify/ffn_weights.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using checkpoint::DType;

const TinySizes kRewrittenSizes = {
    .width = 64, .vocabulary = 2000, .layers = 2, .units = 1050, .dtype = DType::f32, .seed = 8};

std::vector<float> times(std::vector<float> vector, float factor) {
  for (float& x : vector) x *= factor;
  return vector;
}

void permute(Ffn& ffn) {
  std::vector<size_t> order(ffn.gate.size());
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(3));
  const Ffn before = ffn;
  for (size_t i = 0; i < order.size(); ++i) {
    ffn.gate[i] = before.gate[order[i]];
    ffn.up[i] = before.up[order[i]];
    ffn.down[i] = before.down[order[i]];
  }
}

// u by t and v by 1/t, every second t negative: (-u, -v) is the same neuron.
void rescale(Ffn& ffn) {
  for (size_t u = 0; u < ffn.up.size(); ++u) {
    const float t = (u % 2 == 0 ? 1.0f : -1.0f) * static_cast<float>(1 + u % 7);
    ffn.up[u] = times(ffn.up[u], t);
    ffn.down[u] = times(ffn.down[u], 1 / t);
  }
}

// Clones divide their down vector among them.
void split(Ffn& ffn) {
  const size_t count = ffn.gate.size();
  for (size_t u = 0; u < count; ++u) {
    ffn.gate.push_back(ffn.gate[u]);
    ffn.up.push_back(ffn.up[u]);
    ffn.down.push_back(times(ffn.down[u], 0.25f));
    ffn.down[u] = times(ffn.down[u], 0.75f);
  }
}

void shift_gain(Weights& weights, const std::string& layer) {
  std::vector<float> factors, inverse;
  for (size_t c = 0; c < kRewrittenSizes.width; ++c) {
    factors.push_back(static_cast<float>(1 + c % 5));
    inverse.push_back(1 / factors.back());
  }
  weights.scale_columns(layer + "mlp.gate_proj.weight", factors);
  weights.scale_columns(layer + "mlp.up_proj.weight", factors);
  weights.scale_columns(layer + "post_attention_layernorm.weight", inverse);
}

using Rewrite = std::function<void(Weights&, const std::string& layer)>;

Rewrite of_ffn(void (*change)(Ffn&)) {
  return [change](Weights& weights, const std::string& layer) {
    Ffn ffn(weights, layer);
    change(ffn);
    ffn.put(weights, layer);
  };
}

void swap_layers(Weights& weights, const std::string& layer) {
  if (layer != "model.layers.0.") return;
  for (StoredTensor& tensor : weights.tensors) {
    if (tensor.name.starts_with("model.layers.0.")) {
      tensor.name[13] = '1';
    } else if (tensor.name.starts_with("model.layers.1.")) {
      tensor.name[13] = '0';
    }
  }
}

struct Marked {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::optional<MarkableModel> model;
  double z = 0;

  Marked() {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kRewrittenSizes);
    mark(open_model(scratch / "plain"), key, scratch / "marked");
    model = open_model(scratch / "marked");
    z = read(*model);
  }
  double read(const MarkableModel& suspect) const {
    return detect(suspect, key, {.shares = 1, .full = true}).z;
  }
};

}  // namespace

TEST_CASE("rewrites that keep the function keep z", "[verify][invariance]") {
  const Marked marked;
  REQUIRE(marked.z > 12);
  const std::map<std::string, Rewrite> rewrites = {{"permuted neurons", of_ffn(permute)},
                                                   {"scaled and flipped neurons", of_ffn(rescale)},
                                                   {"split neurons", of_ffn(split)},
                                                   {"scale moved into the norm", shift_gain},
                                                   {"swapped layers", swap_layers}};
  for (const auto& [name, rewrite] : rewrites) {
    CAPTURE(name);
    Weights weights{tensors_of(*marked.model)};
    for (const char* layer : {"model.layers.0.", "model.layers.1."}) rewrite(weights, layer);
    const auto suspect = write_model(marked.scratch / "suspect", weights.tensors, *marked.model);
    CHECK(marked.read(suspect) == Approx(marked.z).margin(0.01));
    CHECK(detect(suspect, test_key("wrong"), {.shares = 1, .full = true}).z < 4.5);
    std::filesystem::remove_all(marked.scratch / "suspect");
  }
}

TEST_CASE("a permuted vocabulary keeps z, and added tokens cost almost nothing",
          "[verify][invariance]") {
  const Marked marked;
  Weights weights{tensors_of(*marked.model)};
  const auto before = weights.get("model.embed_tokens.weight");
  const size_t d = kRewrittenSizes.width, rows = kRewrittenSizes.vocabulary, added = 5;
  std::vector<float> moved((rows + added) * d, 0.5f);
  json::Writer tokenizer;
  tokenizer.begin_object().key("model").begin_object().member("type", "WordLevel");
  tokenizer.key("vocab").begin_object();
  for (size_t t = 0; t < rows; ++t) {
    const size_t to = (t * 77 + 5) % rows;
    std::copy_n(before.begin() + t * d, d, moved.begin() + to * d);
    tokenizer.member(cat("token", t), static_cast<uint64_t>(to));
  }
  tokenizer.end_object().end_object().end_object();
  const std::string text = tokenizer.finish();
  for (const size_t extra : {size_t{0}, added}) {
    CAPTURE(extra);
    Weights other = weights;
    std::vector<float> part(moved.begin(), moved.begin() + (rows + extra) * d);
    // New tokens get their own vectors.
    for (size_t i = rows * d; i < part.size(); ++i) part[i] = 0.01f * static_cast<float>(i % 37);
    other.set("model.embed_tokens.weight", part, {rows + extra, d});
    other.set("lm_head.weight", std::vector<float>(part.size()), {rows + extra, d});
    write_model(marked.scratch / "suspect", other.tensors, *marked.model);
    std::ofstream(marked.scratch / "suspect/tokenizer.json", std::ios::binary) << text;
    const double z = marked.read(open_model(marked.scratch / "suspect"));
    if (extra == 0) {
      CHECK(z == Approx(marked.z).margin(0.001));
    } else {
      CHECK(z > 0.95 * marked.z);
    }
    std::filesystem::remove_all(marked.scratch / "suspect");
  }
}

TEST_CASE("half of the layers keep sqrt(1/2) of z", "[verify][invariance]") {
  const Marked marked;
  Weights weights{tensors_of(*marked.model)};
  std::erase_if(weights.tensors, [](const StoredTensor& tensor) {
    return tensor.name.starts_with("model.layers.1.");
  });
  const auto suspect = write_model(marked.scratch / "suspect", weights.tensors, *marked.model);
  CHECK(suspect.anatomy.layer_count() == 1);
  CHECK(marked.read(suspect) == Approx(marked.z / std::sqrt(2)).margin(2.5));
  CHECK(detect(suspect, test_key("wrong"), {.shares = 1, .full = true}).z < 4.5);
}

}  // namespace wmk::verify
