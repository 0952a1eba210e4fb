// Heads: tag entries, circuits, tags, sketches, z and the marked weights against the second
// implementation.
#include "checkpoint/attention/heads.h"
#include "embed/mark/write_heads.h"
#include "embed/read/head_sketch.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

// The attention of heads.json as a checkpoint, and the share that reads it.
struct VectorHeads {
  Scratch scratch;
  json::Document document = mark_vectors("heads");
  std::optional<checkpoint::Checkpoint> checkpoint;
  checkpoint::Anatomy anatomy;
  std::vector<Structure> structures;

  VectorHeads() {
    const json::Value root = document.root();
    const uint64_t d = count_at(root, "d"), tokens = count_at(root, "embedding_rows");
    const uint64_t heads = count_at(root, "heads"), kv_heads = count_at(root, "kv_heads");
    const uint64_t size = count_at(root, "value_size");
    std::vector<StoredTensor> tensors = {
        stored("model.embed_tokens.weight", DType::f32, {tokens, d},
               uniform(count_at(root, "embedding_seed"), tokens * d))};
    for (uint64_t layer = 0; layer < 2; ++layer) {
      const std::string front = cat("model.layers.", layer, ".");
      const auto add = [&](std::string_view name, std::vector<uint64_t> shape) {
        const std::string full = cat(front, name);
        tensors.push_back(
            stored(full, DType::f32, std::move(shape), numbers_at(at(root, "tensors"), full)));
      };
      add("self_attn.v_proj.weight", {kv_heads * size, d});
      add("self_attn.o_proj.weight", {d, heads * size});
      add("input_layernorm.weight", {d});
      const size_t v = tensors.size() - 3;
      anatomy.heads.layers.push_back(
          {layer, heads, kv_heads, size, {v, 0, d, 1}, {v + 1, 0, 1, heads * size}, layer, {}});
      anatomy.heads.norm_weights.push_back(
          numbers_at(at(root, "tensors"), cat(front, "input_layernorm.weight")));
    }
    std::filesystem::create_directory(scratch / "model");
    write_safetensors(scratch / "model" / "model.safetensors", tensors);
    checkpoint = must(checkpoint::Checkpoint::open(scratch / "model"));
    anatomy.width = d;
    anatomy.vocabulary = tokens;
    std::vector<StructureKey> keys;
    keys.push_back({secret_at(root, "key"), StructureRole::share});
    structures = must(
        make_structures(*checkpoint, anatomy, row_labels(tokens), std::move(keys), 1, nullptr));
  }

  json::Value root() const { return document.root(); }
};

HeadSketchSet sketch_of(const checkpoint::Checkpoint& checkpoint, const VectorHeads& model) {
  const CircuitReader reader(checkpoint, model.anatomy, model.structures);
  HeadSketchSet sketches(model.structures);
  const std::vector<size_t> layers = {0, 1};
  must(read_heads(reader, layers, 1, nullptr, sketches));
  return sketches;
}

std::string signs_text(const float* values, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += values[i] > 0 ? '+' : values[i] < 0 ? '-' : '0';
  return out;
}

}  // namespace

TEST_CASE("tag entries and carriers of heads are those of the reference", "[embed][vectors]") {
  const VectorHeads model;
  const Structure& share = model.structures.front();
  const size_t r = head_rows(share);
  CHECK(r == count_at(model.root(), "r"));
  const auto entries = head_tag_entries(share);
  size_t j = 0;
  for (const json::Value each : at(model.root(), "entries")) {
    const auto words = numbers<size_t>(each);
    CHECK(entries[j].first == words[0] * r + words[1]);
    CHECK(entries[j].second == words[2] * r + words[3]);
    CHECK(entries[j].first != entries[j].second);
    ++j;
  }
  CHECK(j == kHeadTags);
  const WipedVector<int8_t> signs = head_carrier(share);
  const std::vector<float> values(signs.begin(), signs.end());
  const auto rows = texts_at(model.root(), "carrier_rows");
  for (size_t row = 0; row < rows.size(); ++row) {
    CHECK(signs_text(&values[row * r * r], r * r) == rows[row]);
  }
}

TEST_CASE("circuits and tags of heads are those of the reference", "[embed][vectors]") {
  const VectorHeads model;
  const CircuitReader reader(*model.checkpoint, model.anatomy, model.structures);
  const auto entries = head_tag_entries(model.structures.front());
  CircuitReader::Scratch scratch;
  LayerProjection projection;
  Circuits circuits;
  size_t layer = 0;
  for (const json::Value expected : at(model.root(), "layers")) {
    must(reader.project(layer++, ProjectionUse::sketch, scratch, projection));
    reader.multiply(projection, 0, circuits);
    const auto norms = numbers_at<double>(expected, "norms");
    const auto a = numbers_at(expected, "A");
    const auto tags = texts_at(expected, "tags");
    std::vector<float> own;
    make_head_tags(circuits, entries, TagRule::hard, own);
    for (size_t h = 0; h < circuits.heads; ++h) {
      CAPTURE(layer, h);
      if (norms[h] < 1e-29) {
        CHECK(circuits.a_norms[h] == 0);
        continue;
      }
      CHECK(circuits.a_norms[h] == Approx(norms[h]).epsilon(1e-4));
      CHECK(signs_text(&own[h * kHeadTags], kHeadTags) == tags[h]);
      for (size_t c = 0; c < circuits.r; ++c) {
        CHECK(circuits.a[h * circuits.r * circuits.r + c] ==
              Approx(a[h * circuits.r + c]).margin(1e-4));
      }
    }
  }
}

TEST_CASE("sketches and z of heads are those of the reference", "[embed][vectors]") {
  const VectorHeads model;
  const HeadSketchSet sketches = sketch_of(*model.checkpoint, model);
  CHECK(sketches.heads == 12);
  CHECK(sketches.absent == 1);
  CHECK(sketches.weights == 2 * (6 + 3) * 4 * 32);
  const auto readings = read_head_shares({0}, model.structures, sketches, 1);
  for (TagRule rule : kTagRules) {
    const double expected = number_at(at(model.root(), to_string(rule)), "z");
    CHECK(readings[0].correlation[static_cast<size_t>(rule)].z() == Approx(expected).margin(2e-3));
  }
}

TEST_CASE("marked heads are those of the reference", "[embed][vectors]") {
  const VectorHeads model;
  const CircuitReader reader(*model.checkpoint, model.anatomy, model.structures);
  const HeadMarker marker(*model.checkpoint, reader, number_at(model.root(), "eps"),
                          model.structures.front().key);
  auto copy =
      must(checkpoint::CheckpointCopy::begin(*model.checkpoint, model.scratch / "marked", false));
  for (const auto& piece : copy.pieces(std::vector<bool>(model.checkpoint->tensors().size()))) {
    must(copy.copy_piece(piece));
  }
  Change change;
  must(write_heads(marker, copy, 1, nullptr, change));
  CHECK(change.units == 12);
  CHECK(change.skipped == 1);
  must(copy.publish());
  const auto marked = must(checkpoint::Checkpoint::open(model.scratch / "marked"));
  for (const auto& tensor : marked.tensors()) {
    if (tensor.name.find("proj") == std::string::npos) continue;
    CAPTURE(tensor.name);
    const auto own = values_of(marked, tensor.name);
    const auto expected = numbers_at(at(model.root(), "marked"), tensor.name);
    REQUIRE(own.size() == expected.size());
    double worst = 0;
    for (size_t i = 0; i < own.size(); ++i) {
      worst = std::max(worst, std::abs(own[i] - expected[i]) / (1e-3 + std::abs(expected[i])));
    }
    CHECK(worst < 1e-3);
  }
  const auto readings = read_head_shares({0}, model.structures, sketch_of(marked, model), 1);
  CHECK(readings[0].correlation[0].z() == Approx(number_at(model.root(), "z_marked")).margin(2e-3));
}

}  // namespace wmk::embed
