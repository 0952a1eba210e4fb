// What is shown beside the verdict: the map of layers, and signals that do not count.
#include "lineage/forensics/soft_panel.h"

#include <atomic>
#include <set>

#include "lineage/align/layer_scores.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;

TEST_CASE("the map of layers is dark where layers were copied") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto tuned = attacked("drift", {{"drift", "0.2"}}, model);
  const auto found = compared(tuned, model).layer_scores;
  REQUIRE(found.rows.size() == 4);
  REQUIRE(found.columns.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      // Drift of .2 leaves a squared cosine of 1 / 1.04.
      if (i == j) CHECK(found.at(i, j) == Approx(1 / 1.04).margin(0.02));
      if (i != j) CHECK(found.at(i, j) < 5 * found.chance);
    }
  }
  const auto unrelated = compared_model(scratch, "unrelated", 2);
  for (const float value : compared(unrelated, model).layer_scores.values) {
    CHECK(value < 5 * found.chance);
  }
}

TEST_CASE("models whose value rows differ in number have no map but a reason") {
  Scratch scratch;
  auto shape = compared_shape();
  const auto model = compared_model(scratch, "model", 1, shape);
  shape.kv_heads = 2;
  const auto found = compared(compared_model(scratch, "other", 2, shape), model).layer_scores;
  CHECK(found.values.empty());
  CHECK(found.missing == "the sizes of v differ");
}

TEST_CASE("soft signals come with the range of unrelated models and are never scored") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto found = compared(compared_model(scratch, "unrelated", 2), model);
  CHECK(to_string(found.judgement.verdict) == "no_shared_weights");
  size_t count = 0;
  for (const auto& test : found.tests) {
    if (!test.name.starts_with("T8")) continue;
    ++count;
    CHECK(test.outcome == Outcome::soft);
    CHECK_FALSE(test.log10_p);
    REQUIRE(test.background);
    CHECK(test.background->low < test.background->high);
    CHECK_FALSE(test.background->from.empty());
  }
  CHECK(count == 5);
  // Unrelated models of one recipe have equal settings and similar spectra.
  CHECK(test_named(found, "T8 configuration").value == 1);
  CHECK(test_named(found, "T8 singular values").value > 0.95);
  CHECK(found.suspect_curves.of[0].size() == 4);
}

class Stages : public Progress {
 public:
  void begin(const char* stage, uint64_t work, Unit) override {
    all.push_back({stage, work, 0, false});
  }
  void advance(uint64_t work) override { done_ += work; }
  void end() noexcept override {
    all.back().done = done_.exchange(0);
    all.back().ended = true;
  }

  struct Stage {
    std::string name;
    uint64_t total = 0, done = 0;
    bool ended = false;
  };
  std::vector<Stage> all;

 private:
  std::atomic<uint64_t> done_ = 0;
};

// The stages of a comparison, each of which must have ended.
std::set<std::string> stages_of(const OpenedSide& suspect, const OpenedSide& reference) {
  Stages stages;
  REQUIRE(lineage::compare({suspect.side(), reference.side(), 2, 1, &stages}));
  std::set<std::string> names;
  for (const auto& stage : stages.all) {
    INFO(stage.name);
    names.insert(stage.name);
    CHECK(stage.ended);
    CHECK(stage.total > 0);
    CHECK(stage.done == stage.total);
  }
  return names;
}

TEST_CASE("every stage of a comparison reports progress from beginning to end") {
  Scratch scratch;
  const auto model = open_side(compared_model(scratch, "model", 1));
  const auto unrelated = open_side(compared_model(scratch, "unrelated", 2));
  std::set<std::string> wanted = {
      "copied neurons",   "norm weights",       "attention",          "order of layers",
      "neurons",          "permuted attention", "curves and spectra", "signs of rows",
      "map of layers",    "other tower",        "embedding in place", "order of heads",
      "circuits of heads"};
  std::set<std::string> of_unrelated = wanted;
  wanted.insert({"copy forensics", "quantisation grids"});
  CHECK(stages_of(model, model) == wanted);
  of_unrelated.insert({"embedding", "signed permutation", "rotation", "rotation's places",
                       "written span", "spectra of layers", "forms of the suspect",
                       "forms of the release", "map of the pairs", "rows under the map",
                       "rows held out"});
  CHECK(stages_of(unrelated, model) == of_unrelated);
}

TEST_CASE("settings are compared if both models name them") {
  checkpoint::Config a, b;
  CHECK(lineage::shared_settings(a, b).named == 0);
  a.hidden_size = 64, b.hidden_size = 64;
  a.layers = 4, b.layers = 8;
  a.context = 2048;
  a.model_type = "llama", b.model_type = "llama";
  CHECK(lineage::shared_settings(a, b).named == 3);
  CHECK(lineage::shared_settings(a, b).equal == 2);
}

}  // namespace
}  // namespace wmk::test
