// Heads whose values pass a latent: their circuits are those of the product of the factors, and the
// mark changes the values' factor alone (specs/heads.md 1, 3).
#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "embed/read/circuit.h"
#include "lineage/model/head_circuits.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kWidth = 64, kHeads = 4, kValues = 16, kKeys = 8, kLatent = 24;
constexpr size_t kUpRows = kHeads * (kKeys + kValues);
const std::string kSelf = "model.layers.{l}.self_attn.";

const TinySizes kLatentSizes = {
    .width = kWidth, .vocabulary = 300, .units = 64, .dtype = checkpoint::DType::f32, .seed = 3};

std::string at_layer(std::string name, size_t layer) {
  return name.replace(name.find("{l}"), 3, std::to_string(layer)) + ".weight";
}

std::vector<float> numbers(const StoredTensor& tensor) {
  std::vector<float> out(tensor.data.size() / 4);
  for (size_t i = 0; i < out.size(); ++i) out[i] = load_le<float>(tensor.data.data() + 4 * i);
  return out;
}

// Values of each head: their rows of `up`, times diag(norm) and `down`.
std::vector<float> products(const std::vector<float>& up, const std::vector<float>& norm,
                            const std::vector<float>& down) {
  std::vector<float> out(kHeads * kValues * kWidth);
  for (size_t n = 0; n < kHeads * kValues; ++n) {
    const size_t row = n / kValues * (kKeys + kValues) + kKeys + n % kValues;
    for (size_t j = 0; j < kWidth; ++j) {
      double sum = 0;
      for (size_t c = 0; c < kLatent; ++c) {
        sum += static_cast<double>(up[row * kLatent + c]) * norm[c] * down[c * kWidth + j];
      }
      out[n * kWidth + j] = static_cast<float>(sum);
    }
  }
  return out;
}

// A model with latent values, or the same one with its values as one matrix.
MarkableModel write_model(const std::filesystem::path& folder, bool latent) {
  std::vector<StoredTensor> tensors = tiny_tensors("llama", kLatentSizes);
  const auto donor = tiny_tensors("llama", {.width = kLatent,
                                            .vocabulary = kUpRows + kLatent + 8 + kWidth,
                                            .dtype = checkpoint::DType::f32});
  const std::vector<float> some = numbers(donor.at(0));
  for (size_t layer = 0; layer < kLatentSizes.layers; ++layer) {
    std::vector<float> up(some.begin(), some.begin() + kUpRows * kLatent), norm(kLatent);
    std::vector<float> down(some.end() - (kLatent + 8) * kWidth, some.end());
    for (size_t c = 0; c < kLatent; ++c) norm[c] = 0.5f + 0.05f * static_cast<float>(c + layer);
    std::erase_if(tensors, [&](const StoredTensor& each) {
      return each.name == at_layer(kSelf + "v_proj", layer) ||
             each.name == at_layer(kSelf + "k_proj", layer);
    });
    const auto type = checkpoint::DType::f32;
    if (latent) {
      tensors.push_back(stored(at_layer(kSelf + "kv_b_proj", layer), type, {kUpRows, kLatent}, up));
      tensors.push_back(
          stored(at_layer(kSelf + "kv_a_proj_with_mqa", layer), type, {kLatent + 8, kWidth}, down));
      tensors.push_back(stored(at_layer(kSelf + "kv_a_layernorm", layer), type, {kLatent}, norm));
    } else {
      tensors.push_back(stored(at_layer(kSelf + "v_proj", layer), type, {kHeads * kValues, kWidth},
                               products(up, norm, down)));
    }
  }
  std::filesystem::create_directory(folder);
  write_tiny_model(folder, "llama", kLatentSizes);  // config and tokenizer
  write_safetensors(folder / "model.safetensors", tensors);
  MarkableModel model = open_model(folder);
  checkpoint::Config config;
  config.heads = kHeads;
  model.anatomy.heads = must(checkpoint::find_heads(model.checkpoint, model.anatomy, config));
  return model;
}

Circuits circuits_of(const MarkableModel& model, const std::vector<Structure>& structures) {
  const CircuitReader reader(model.checkpoint, model.anatomy, structures);
  CircuitReader::Scratch scratch;
  LayerProjection projection;
  Circuits out;
  must(reader.project(1, ProjectionUse::sketch, scratch, projection));
  reader.multiply(projection, 0, out);
  return out;
}

std::vector<float> values_at(const checkpoint::Checkpoint& checkpoint, const std::string& name) {
  const checkpoint::Tensor* tensor = checkpoint.find(name);
  REQUIRE(tensor != nullptr);
  Bytes bytes(tensor->bytes);
  must(checkpoint.read(*tensor, 0, bytes));
  std::vector<float> out(tensor->elements());
  for (size_t i = 0; i < out.size(); ++i) out[i] = load_le<float>(bytes.data() + 4 * i);
  return out;
}

}  // namespace

TEST_CASE("values that pass a latent have the circuits of their product", "[embed][heads]") {
  Scratch scratch;
  const MarkableModel latent = write_model(scratch / "latent", true);
  const MarkableModel plain = write_model(scratch / "plain", false);
  REQUIRE(latent.anatomy.heads.layers.at(1).latent);
  const auto structures = share_structures(latent, test_key("owner"), 1);
  const Circuits a = circuits_of(latent, structures), b = circuits_of(plain, structures);
  REQUIRE(a.heads == kHeads);
  REQUIRE(a.a.size() == b.a.size());
  CHECK(a.absent == 0);
  for (size_t i = 0; i < a.a.size(); ++i) {
    REQUIRE(a.a[i] == Approx(b.a[i]).margin(1e-4));
    REQUIRE(a.b[i] == Approx(b.b[i]).margin(1e-4));
  }
}

TEST_CASE("compare sees the circuits of values that pass a latent", "[lineage][heads]") {
  Scratch scratch;
  const auto circuits = [](const MarkableModel& model) {
    lineage::Side side{&model.checkpoint, nullptr, &model.anatomy, nullptr, {}};
    side.heads = model.anatomy.heads;
    const auto coordinates = lineage::circuit_coordinates(kWidth, 1, {});
    return must(lineage::head_circuits(side, side.heads.layers.at(1),
                                       coordinates.of(lineage::Basis::identity(kWidth)),
                                       coordinates.matching.size()));
  };
  const auto a = circuits(write_model(scratch / "latent", true));
  const auto b = circuits(write_model(scratch / "plain", false));
  REQUIRE(a.inner.size() == kHeads * 16 * 16);
  REQUIRE(a.outer.size() == b.outer.size());
  for (size_t i = 0; i < a.inner.size(); ++i)
    REQUIRE(a.inner[i] == Approx(b.inner[i]).margin(1e-4));
  for (size_t i = 0; i < a.outer.size(); ++i)
    REQUIRE(a.outer[i] == Approx(b.outer[i]).margin(1e-4));
}

TEST_CASE("of values that pass a latent only the values' factor is marked", "[embed][heads]") {
  Scratch scratch;
  const MarkableModel model = write_model(scratch / "model", true);
  constexpr double kStrength = 0.02;
  mark(model, test_key("owner"), scratch / "marked", {.strength = kStrength});
  const auto marked = must(checkpoint::Checkpoint::open(scratch / "marked"));
  for (const char* kept : {"kv_a_proj_with_mqa", "kv_a_layernorm", "q_proj"}) {
    const std::string name = at_layer(kSelf + kept, 1);
    CHECK(values_at(model.checkpoint, name) == values_at(marked, name));
  }
  const std::string name = at_layer(kSelf + "kv_b_proj", 1);
  const auto before = values_at(model.checkpoint, name), after = values_at(marked, name);
  for (size_t head = 0; head < kHeads; ++head) {
    double moved = 0, norm = 0;
    for (size_t row = 0; row < kKeys + kValues; ++row) {
      for (size_t c = 0; c < kLatent; ++c) {
        const size_t i = (head * (kKeys + kValues) + row) * kLatent + c;
        if (row < kKeys) REQUIRE(before[i] == after[i]);
        if (row < kKeys) continue;
        moved += std::pow(static_cast<double>(after[i]) - before[i], 2);
        norm += std::pow(before[i], 2);
      }
    }
    CHECK(std::sqrt(moved / norm) == Approx(kStrength).epsilon(0.01));
  }
}

}  // namespace wmk::embed
