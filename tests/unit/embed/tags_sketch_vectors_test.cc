// Coordinates, tags, sketches, guard and z against the second implementation.
#include "embed/read/score.h"
#include "embed/read/sketch.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

// The units of tags_sketch.json as a checkpoint of one group, and everything read from it.
struct VectorUnits {
  Scratch scratch;
  json::Document document = mark_vectors("tags_sketch");
  std::optional<checkpoint::Checkpoint> checkpoint;
  checkpoint::Anatomy anatomy;
  std::vector<Structure> structures;
  uint64_t d = 0, units = 0;

  explicit VectorUnits(bool gated) {
    const json::Value root = document.root(), rows = at(root, "rows");
    d = count_at(root, "d");
    const uint64_t tokens = count_at(root, "embedding_rows");
    PerKind<std::vector<float>> w;
    for (VectorKind kind : kVectorKinds) w[kind] = numbers_at(rows, to_string(kind));
    units = w[VectorKind::up].size() / d;
    std::vector<float> stored_down(w[VectorKind::down].size());
    for (size_t i = 0; i < stored_down.size(); ++i) {
      stored_down[(i % d) * units + i / d] = w[VectorKind::down][i];
    }
    const auto noise = uniform(count_at(root, "embedding_seed"), tokens * d);
    write_safetensors(scratch / "model.safetensors",
                      {stored("embedding", DType::f32, {tokens, d}, noise),
                       stored("gate", DType::f32, {units, d}, w[VectorKind::gate]),
                       stored("up", DType::f32, {units, d}, w[VectorKind::up]),
                       stored("down", DType::f32, {d, units}, stored_down)});
    checkpoint = must(checkpoint::Checkpoint::open(scratch.folder()));
    anatomy.width = d;
    anatomy.vocabulary = tokens;
    anatomy.gated = gated;
    checkpoint::UnitGroup group;
    group.units = units;
    if (gated) group.gate = checkpoint::View{1, 0, d, 1};
    group.up = {2, 0, d, 1};
    group.down = {3, 0, 1, units};
    anatomy.groups = {group};

    std::vector<StructureKey> keys;
    for (const json::Value entry : entries()) {
      const bool trace = text_at(entry, "of") == "trace";
      keys.push_back(
          {secret_at(entry, "key"), trace ? StructureRole::trace : StructureRole::share});
    }
    structures = must(
        make_structures(*checkpoint, anatomy, row_labels(tokens), std::move(keys), 1, nullptr));
  }

  json::Value entries() const { return at(document.root(), "structures"); }
  UnitBytes block() const {
    UnitBytes bytes;
    must(bytes.read(*checkpoint, anatomy, {0, 0, units}));
    return bytes;
  }
};

// The units that are not skipped, one after the other, with `count` columns from `first` on. The
// reference lists rows of units; a panel holds columns x units.
std::vector<float> present_rows(const std::vector<float>& columns, size_t first, size_t count,
                                const std::vector<float>& present) {
  std::vector<float> out;
  for (size_t u = 0; u < present.size(); ++u) {
    if (present[u] == 0) continue;
    for (size_t c = first; c < first + count; ++c) out.push_back(columns[c * present.size() + u]);
  }
  return out;
}

struct Projected {
  Projector projector;
  Panel panel;
  explicit Projected(const VectorUnits& model) : projector(model.anatomy, model.structures) {
    Projector::Scratch scratch;
    projector.project(model.block(), 0, model.units, scratch, panel);
  }
  std::vector<float> tags(size_t structure, VectorKind kind, TagRule rule) const {
    std::vector<float> out;
    make_tags(projector, structure, panel, tag_factors_of(projector, structure, panel, rule), kind,
              out);
    return present_rows(out, 0, projector.structures()[structure].sizes.m, panel.present);
  }
};

void check_sketch(const Structure& structure, const Sketch& sketch, json::Value expected) {
  const auto guarded_v = guarded(structure, sketch);
  for (VectorKind kind : kVectorKinds) {
    CAPTURE(to_string(kind));
    CHECK(distance(sketch.matrix(kind), numbers_at<double>(at(expected, "V"), to_string(kind))) <
          1e-4);
    CHECK(distance(guarded_v[kind],
                   numbers_at<double>(at(expected, "V_guarded"), to_string(kind))) < 1e-4);
  }
  CHECK(correlate(structure, guarded_v).z() == Approx(number_at(expected, "z")).margin(1e-4));
}

}  // namespace

TEST_CASE("coordinates and tags are those of the reference", "[embed][vectors]") {
  const VectorUnits model(true);
  const Projected projected(model);
  const Panel& panel = projected.panel;
  size_t s = 0;
  for (const json::Value entry : model.entries()) {
    CAPTURE(text_at(entry, "of"));
    const Sizes sizes = model.structures[s].sizes;
    for (size_t u = 0; u < model.units; ++u) {
      CHECK(panel.present[u] == numbers_at(entry, "alive")[u]);
    }
    for (VectorKind kind : kVectorKinds) {
      CAPTURE(to_string(kind));
      const auto y =
          present_rows(panel.y[kind], projected.projector.column(s), sizes.r, panel.present);
      CHECK(distance(y, numbers_at(at(entry, "y"), to_string(kind))) < 1e-4);
      if (model.structures[s].tag_frame) {
        const auto read = present_rows(panel.y[kind], projected.projector.tag_column(s),
                                       sizes.tag_rows, panel.present);
        CHECK(distance(read, numbers_at(at(entry, "tag_y"), to_string(kind))) < 1e-4);
      }
      const auto hard = numbers_at(at(at(entry, "hard"), "tags"), to_string(kind));
      CHECK(projected.tags(s, kind, TagRule::hard) == hard);
      const auto soft = numbers_at(at(at(entry, "soft"), "tags"), to_string(kind));
      CHECK(distance(projected.tags(s, kind, TagRule::soft), soft) < 2e-4);
    }
    ++s;
  }
  CHECK(s == 2);
}

TEST_CASE("tags of an FFN without gate follow the specification", "[embed][vectors]") {
  const VectorUnits model(false);
  const Projected projected(model);
  for (const json::Value entry : model.entries()) {
    if (text_at(entry, "of") != "share/0") continue;
    const json::Value expected = at(entry, "tags_ungated");
    for (VectorKind kind : {VectorKind::up, VectorKind::down}) {
      CHECK(projected.tags(0, kind, TagRule::hard) == numbers_at(expected, to_string(kind)));
    }
  }
}

TEST_CASE("sketches, guard and z are those of the reference", "[embed][vectors]") {
  const VectorUnits model(true);
  const Projected projected(model);
  SketchSet sketches(model.structures);
  SketchWorker().absorb(projected.projector, model.block(), sketches);
  CHECK(sketches.skipped == 1);
  CHECK(sketches.not_finite == 0);
  CHECK(sketches.weights == 3 * model.units * model.d);
  size_t s = 0;
  for (const json::Value entry : model.entries()) {
    CAPTURE(text_at(entry, "of"));
    check_sketch(model.structures[s], sketches.at(s, TagRule::hard), at(entry, "hard"));
    check_sketch(model.structures[s], sketches.at(s, TagRule::soft), at(entry, "soft"));
    ++s;
  }
}

}  // namespace wmk::embed
