// How much a mark changes: ||delta w|| is eps times ||w||.
#include <catch2/catch.hpp>
#include <cmath>

#include "embed/scheme/keys.h"
#include "embed/scheme/rounding.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

// Width 256 is the smallest at which a share has its full 128 directions and 128 tags.
const TinySizes kChangedSizes = {
    .width = 256, .vocabulary = 2000, .layers = 2, .units = 300, .dtype = DType::f32, .seed = 5};

struct Ratios {
  double mean_square = 0;  // of ||delta w|| / ||w||, vector by vector
  double difference_squared = 0, norm_squared = 0;
  uint64_t count = 0;
};

// Measures folded vectors: coordinates with a small norm weight count little, as in the model.
Ratios ratios(const MarkableModel& before, const checkpoint::Checkpoint& after) {
  Ratios out;
  for (const auto& group : before.anatomy.groups) {
    for (const auto* view : {&*group.gate, &group.up, &group.down}) {
      const auto old_values = values_of(before.checkpoint, view->tensor);
      const auto new_values = values_of(after, view->tensor);
      const auto norm_weight = view == &group.down ? group.out_norm : group.in_norm;
      for (uint64_t u = 0; u < group.units; ++u) {
        const auto a = vector_of(before, *view, old_values, u);
        const auto b = vector_of(before, *view, new_values, u);
        double moved = 0, norm = 0;
        for (size_t c = 0; c < a.size(); ++c) {
          const double g = norm_weight ? before.anatomy.norm_weights[*norm_weight][c] : 1.0f;
          moved += g * g * (static_cast<double>(b[c]) - a[c]) * (static_cast<double>(b[c]) - a[c]);
          norm += g * g * a[c] * a[c];
        }
        out.mean_square += moved / norm;
        out.difference_squared += moved;
        out.norm_squared += norm;
        ++out.count;
      }
    }
  }
  out.mean_square /= static_cast<double>(out.count);
  return out;
}

}  // namespace

TEST_CASE("the relative change of each vector is the strength, within 1 %", "[embed]") {
  Scratch scratch;
  for (const char* architecture : {"llama", "gemma2"}) {
    std::filesystem::create_directory(scratch / architecture);
    write_tiny_model(scratch / architecture, architecture, kChangedSizes);
    const MarkableModel model = open_model(scratch / architecture);
    for (const Marking& marking : {Marking{.strength = 0.004}, Marking{.strength = 0.02},
                                   Marking{.strength = 0.01, .shares = 4}}) {
      const auto result = mark(model, test_key("owner"), scratch / "marked", marking);
      const auto marked = must(checkpoint::Checkpoint::open(scratch / "marked"));
      const Ratios measured = ratios(model, marked);
      CAPTURE(architecture, marking.strength, marking.shares);
      CHECK(std::sqrt(measured.mean_square) / marking.strength == Approx(1).margin(0.01));
      // embed reports the actual change, except for the overlap of the frames of several shares.
      const double relative = std::sqrt(measured.difference_squared / measured.norm_squared);
      CHECK(result.change.relative() == Approx(relative).epsilon(1e-3));
      std::filesystem::remove_all(scratch / "marked");
      std::filesystem::remove(record_of(scratch / "marked"));
    }
  }
}

TEST_CASE("rounding to bf16 keeps the change on average", "[embed]") {
  Scratch scratch;
  TinySizes sizes = kChangedSizes;
  sizes.dtype = DType::bf16;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", sizes);
  const MarkableModel model = open_model(scratch / "model");
  const auto structures = share_structures(model, test_key("owner"), 1);
  const double before = z_of(structures[0], sketch_all(model, structures), 0, TagRule::hard);
  mark(model, test_key("owner"), scratch / "marked", {.strength = 0.004});
  const MarkableModel marked = open_model(scratch / "marked");
  const double after = z_of(structures[0], sketch_all(marked, structures), 0, TagRule::hard);
  // A change of 0.4 % is about one step of bf16: rounding to nearest would lose much of it.
  const double n = static_cast<double>(model.anatomy.weight_count());
  CHECK(after - before == Approx(0.004 * std::sqrt(n)).epsilon(0.25));
}

TEST_CASE("dimensions with a norm weight near zero get no change", "[embed]") {
  Scratch scratch;
  TinySizes sizes = kChangedSizes;
  auto tensors = tiny_tensors("llama", sizes);
  const std::vector<std::pair<size_t, float>> odd = {{3, 0.0f}, {7, 0.001f}, {9, -0.5f}};
  for (const auto& [dimension, norm_weight] : odd) {
    for (const char* layer : {"0", "1"}) {
      auto& norm = tensor_named(
          tensors, std::string("model.layers.") + layer + ".post_attention_layernorm.weight");
      store_le<float>(norm.data.data() + 4 * dimension, norm_weight);
    }
  }
  write_safetensors(scratch.put("model/model.safetensors", ""), tensors);
  const MarkableModel model = open_model(scratch / "model");
  mark(model, test_key("owner"), scratch / "marked");
  const auto marked = must(checkpoint::Checkpoint::open(scratch / "marked"));
  for (const char* leaf : {"gate_proj", "up_proj"}) {
    const auto name = std::string("model.layers.1.mlp.") + leaf + ".weight";
    const auto before = values_of(model.checkpoint, name), after = values_of(marked, name);
    std::vector<size_t> changed(sizes.width);
    for (size_t i = 0; i < before.size(); ++i) changed[i % sizes.width] += before[i] != after[i];
    for (size_t c = 0; c < sizes.width; ++c) {
      CAPTURE(c);
      if (c == 3 || c == 7) {
        CHECK(changed[c] == 0);
      } else {
        CHECK(changed[c] > sizes.units / 2);
      }
    }
  }
}

TEST_CASE("a licensee's pass rounds by words of its own", "[embed]") {
  const auto owner = share_key(test_key("owner"), 0);
  const auto trace = trace_key(test_key("owner"));
  const auto a = licensee_rounding_key(trace, "acme"), b = licensee_rounding_key(trace, "Acme");
  const auto seed = [](const crypto::SecretBytes& key) { return rounding_seed(key, "w"); };
  CHECK(seed(owner) != seed(a));
  CHECK(seed(a) != seed(b));

  // Written by the embedder, two licensees' copies differ even where their marks would not: in the
  // bits that rounding decides.
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama",
                   {.width = 64, .vocabulary = 500, .layers = 1, .seed = 9});
  const MarkableModel model = open_model(scratch / "plain");
  mark(model, test_key("owner"), scratch / "a", {.strength = 1e-4, .licensee = "acme"});
  mark(model, test_key("owner"), scratch / "owner", {.strength = 1e-4, .shares = 1});
  const auto differing = [&](const char* x, const char* y) {
    const auto first = open_model(scratch / x), second = open_model(scratch / y);
    const auto p = values_of(first.checkpoint, first.anatomy.groups[0].up.tensor);
    const auto q = values_of(second.checkpoint, second.anatomy.groups[0].up.tensor);
    size_t count = 0;
    for (size_t i = 0; i < p.size(); ++i) count += p[i] != q[i];
    return static_cast<double>(count) / static_cast<double>(p.size());
  };
  // A change of 1e-4 moves about one bf16 word in forty: with one stream the same words would move.
  const double moved = differing("plain", "a");
  CHECK(moved > 0.01);
  CHECK(differing("a", "owner") > 1.5 * moved);
}

}  // namespace wmk::embed
