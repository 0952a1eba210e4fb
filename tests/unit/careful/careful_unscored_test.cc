// Careful windows of a structure with a kind that is not scored, as frames fitted to gates have.
#include <cmath>

#include "embed/careful/careful_scan.h"
#include "embed/read/coordinates.h"
#include "embed/read/score.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

class Unscored {
 public:
  Unscored() {
    std::filesystem::create_directory(scratch_ / "plain");
    write_tiny_model(scratch_ / "plain", "llama",
                     {.width = 64, .vocabulary = 400, .layers = 3, .units = 320, .seed = 11});
    mark(open_model(scratch_ / "plain"), test_key("owner"), scratch_ / "marked");
    model_ = std::make_unique<MarkableModel>(open_model(scratch_ / "marked"));
    structures_ = share_structures(*model_, test_key("owner"), 1);
    structures_[0].unscored = VectorKind::gate;
  }
  const MarkableModel& model() const { return *model_; }
  const std::vector<Structure>& structures() const { return structures_; }

 private:
  Scratch scratch_;
  std::unique_ptr<MarkableModel> model_;
  std::vector<Structure> structures_;
};

}  // namespace

TEST_CASE("a careful window of two scored kinds has the plain z and length", "[embed]") {
  const Unscored marked;
  const auto& structures = marked.structures();
  CarefulScan scan(marked.model().checkpoint, marked.model().anatomy, structures);
  must(scan.run(1, nullptr));
  REQUIRE_FALSE(scan.windows().empty());
  const SketchSet& window = scan.windows()[0].sketches;
  const SketchSet plain = sketch_all(marked.model(), structures);
  for (const TagRule rule : kTagRules) {
    const double z = z_of(structures[0], plain, 0, rule);
    CHECK(z > 5);
    CHECK(z_of(structures[0], window, 0, rule) == Approx(z).margin(0.1));
    CHECK(length_of(structures[0], window, 0, rule).value() ==
          Approx(length_of(structures[0], plain, 0, rule).value()).margin(0.02));
  }
}

TEST_CASE("a kind that is not scored is not limited", "[embed]") {
  const Unscored marked;
  const auto& structures = marked.structures();
  const SketchSet once = sketch_all(marked.model(), structures);
  SketchSet repeated(structures);  // nine times longer, three times as long as a random sum
  for (int i = 0; i < 9; ++i) repeated.merge(once);
  const auto before = repeated.at(0, TagRule::hard).sums(VectorKind::gate);
  CHECK(repeated.limit_length(structures));
  CHECK(repeated.at(0, TagRule::hard).sums(VectorKind::gate) == before);
  CHECK(length_of(structures[0], repeated, 0, TagRule::hard).value() < 1.001);
}

TEST_CASE("neurons that only an unscored kind shows count as not read", "[embed]") {
  const Unscored marked;
  const auto& structures = marked.structures();
  const MarkableModel& model = marked.model();
  const Projector projector(model.anatomy, structures);
  UnitBytes block;
  must(block.read(model.checkpoint, model.anatomy,
                  checkpoint::blocks_of(model.checkpoint, model.anatomy, 0)[0]));
  Projector::Scratch scratch;
  Panel panel;
  projector.project(block, 0, 64, scratch, panel);
  SketchWorker worker;
  SketchSet sketches(structures);
  for (const VectorKind kind : {VectorKind::up, VectorKind::down}) {
    std::fill(panel.y[kind].begin(), panel.y[kind].end(), 0.0f);
  }
  worker.absorb(projector, panel, sketches);
  CHECK(sketches.energy(0, VectorKind::gate) > 0);
  CHECK(sketches.is_zero(structures));
}

}  // namespace wmk::embed
