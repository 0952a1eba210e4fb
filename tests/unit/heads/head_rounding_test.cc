// Heads in bf16: what a sketch takes from frames that are rounded where that will do.
#include "embed/read/head_sketch.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr size_t kShapeWidth = 128, kShapeTokens = 300, kShapeHeads = 2, kShapeValues = 32,
                 kShapeRows = 32;

// One layer of attention in bf16, with two shares.
struct RoundedHeads {
  Scratch scratch;
  std::optional<checkpoint::Checkpoint> checkpoint;
  checkpoint::Anatomy anatomy;
  std::vector<Structure> structures;

  RoundedHeads() {
    const auto random = [](std::string name, uint64_t rows, uint64_t columns, uint64_t seed) {
      return stored(std::move(name), DType::bf16, {rows, columns},
                    normal_numbers(seed, rows * columns));
    };
    write_safetensors(scratch / "model.safetensors",
                      {random("embedding", kShapeTokens, kShapeWidth, 1),
                       random("v", kShapeValues, kShapeWidth, 2),
                       random("o", kShapeWidth, kShapeHeads * kShapeValues, 3)});
    checkpoint = must(checkpoint::Checkpoint::open(scratch / "model.safetensors"));
    const auto view = [&](std::string_view name, uint64_t unit, uint64_t coordinate) {
      return checkpoint::View{static_cast<size_t>(checkpoint->find(name) - tensors()), 0, unit,
                              coordinate};
    };
    anatomy.heads.layers.push_back({0,
                                    kShapeHeads,
                                    1,
                                    kShapeValues,
                                    view("v", kShapeWidth, 1),
                                    view("o", 1, kShapeHeads * kShapeValues),
                                    0,
                                    {}});
    anatomy.heads.norm_weights.emplace_back(kShapeWidth, 1.25f);
    anatomy.token_embedding = static_cast<size_t>(checkpoint->find("embedding") - tensors());
    anatomy.width = kShapeWidth;
    anatomy.vocabulary = kShapeTokens;
    std::vector<StructureKey> keys;
    keys.push_back({test_key("one"), StructureRole::share});
    keys.push_back({test_key("two"), StructureRole::share});
    structures = must(make_structures(*checkpoint, anatomy, row_labels(kShapeTokens),
                                      std::move(keys), 1, nullptr));
  }

  const checkpoint::Tensor* tensors() const { return checkpoint->tensors().data(); }
};

struct ReadLayer {
  LayerProjection projection;
  Circuits circuits;  // of the second share

  ReadLayer(const RoundedHeads& heads, ProjectionUse use) {
    const CircuitReader reader(*heads.checkpoint, heads.anatomy, heads.structures);
    CircuitReader::Scratch scratch;
    must(reader.project(0, use, scratch, projection));
    reader.multiply(projection, 1, circuits);
  }
};

}  // namespace

TEST_CASE("a sketch of heads rounds the rows that carry, and no row of tags", "[embed]") {
  const RoundedHeads heads;
  REQUIRE(head_rows(heads.structures[1]) == kShapeRows);
  const ReadLayer exact(heads, ProjectionUse::exact), sketch(heads, ProjectionUse::sketch);
  const ReadLayer mark(heads, ProjectionUse::mark);
  CHECK(exact.projection.v.square_norms.size() == kShapeValues);
  CHECK(mark.projection.v.square_norms == exact.projection.v.square_norms);
  CHECK(sketch.projection.v.square_norms.empty());
  CHECK(mark.projection.v.y == sketch.projection.v.y);
  CHECK(mark.projection.o.y == sketch.projection.o.y);
  for (const bool values : {false, true}) {
    const auto& a = values ? exact.projection.v : exact.projection.o;
    const auto& b = values ? sketch.projection.v : sketch.projection.o;
    const auto half = static_cast<std::ptrdiff_t>(2 * kShapeRows * a.vectors);
    CHECK(std::equal(a.y.begin() + half, a.y.end(), b.y.begin() + half));
    CHECK_FALSE(std::equal(a.y.begin(), a.y.begin() + half, b.y.begin()));
  }
  CHECK(exact.circuits.b == sketch.circuits.b);
  double difference = 0;  // squared; A has length r
  for (size_t i = 0; i < exact.circuits.a.size(); ++i) {
    const double x = exact.circuits.a[i] - sketch.circuits.a[i];
    difference += x * x / static_cast<double>(exact.circuits.a.size());
  }
  CHECK(difference > 0);
  CHECK(std::sqrt(difference) < 0x1p-8);
}

}  // namespace wmk::embed
