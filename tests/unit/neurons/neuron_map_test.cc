// The map between two models by their neurons: what it survives, and where it must fail.
#include "neurons/carry/neuron_map.h"

#include <catch2/catch.hpp>

#include "neurons/carry/map_holds.h"
#include "neurons/rows/written_span.h"
#include "stats/vectors.h"
#include "tests/support/disguise.h"
#include "tests/unit/scratch.h"

namespace wmk::neurons {
namespace {

using namespace wmk::test;

const TinySizes kSizes = {.width = 48,
                          .vocabulary = 400,
                          .layers = 4,
                          .units = 300,
                          .dtype = checkpoint::DType::f32,
                          .seed = 3};

struct Models {
  Scratch scratch;
  MarkableModel release;

  Models() : release(write("release", kSizes)) {}
  MarkableModel write(const char* name, const TinySizes& sizes) const {
    std::filesystem::create_directory(scratch / name);
    write_tiny_model(scratch / name, "llama", sizes);
    return open_model(scratch / name);
  }
  Result<ResidualMap> map(const MarkableModel& suspect, unsigned threads = 2) const {
    return map_neurons({&suspect.checkpoint, &suspect.anatomy},
                       {&release.checkpoint, &release.anatomy}, {threads});
  }
};

// <O, truth> / (|O| |truth|).
double overlap(const std::vector<float>& o, const std::vector<float>& truth) {
  REQUIRE(o.size() == truth.size());
  const double lengths = std::sqrt(stats::sum_of_squares(o.data(), o.size()) *
                                   stats::sum_of_squares(truth.data(), truth.size()));
  return stats::dot(o.data(), truth.data(), o.size()) / lengths;
}

}  // namespace

TEST_CASE("neurons show the rotation of the residual stream", "[neurons][carry]") {
  const Models models;
  const auto check = [&](const char* name, const Disguise& how) {
    INFO(name);
    const auto suspect = disguise(models.release, models.scratch / name, how);
    const auto map = models.map(suspect);
    REQUIRE(map);
    CHECK(map->suspect_width == kSizes.width + how.further);
    CHECK(map->release_width == kSizes.width);
    CHECK(map->pairs > 500);
    CHECK(map->cosine > 0.999);
    CHECK(overlap(map->o, disguise_map(kSizes.width, how)) > 0.999);
  };
  check("renumbered", {.rotate = false});
  check("rotated", {});
  check("reversed", {.reverse_layers = true});
  check("new embedding", {.reverse_layers = true, .new_embedding = true});
  check("wider", {.reverse_layers = true, .new_embedding = true, .further = 16});
  check("clones", {.clones = 3});
  check("dummies", {.new_embedding = true, .dummies = 1});
}

TEST_CASE("noise in every FFN weight does not hide the rotation", "[neurons][carry]") {
  const Models models;
  const Disguise how{.reverse_layers = true, .new_embedding = true, .noise = 0.2f};
  const auto suspect = disguise(models.release, models.scratch / "noisy", how);
  const auto map = models.map(suspect);
  REQUIRE(map);
  CHECK(map->confirmed > 0.9);
  CHECK(overlap(map->o, disguise_map(kSizes.width, how)) > 0.99);
}

TEST_CASE("the map is the same for any number of threads", "[neurons][carry]") {
  const Models models;
  const auto suspect = disguise(models.release, models.scratch / "suspect",
                                {.reverse_layers = true, .further = 8, .clones = 2});
  const auto one = models.map(suspect, 1), three = models.map(suspect, 3);
  REQUIRE(one);
  REQUIRE(three);
  CHECK(one->o == three->o);
  CHECK(one->pairs == three->pairs);
}

TEST_CASE("an unrelated model has no map, and the error says so", "[neurons][carry]") {
  const Models models;
  TinySizes sizes = kSizes;
  sizes.seed = 4;
  const auto map = models.map(models.write("other", sizes));
  REQUIRE_FALSE(map);
  CHECK(map.error().code() == ErrorCode::unsupported);
  CHECK(map.error().message() == "the release's neurons are not found in the suspect");
}

TEST_CASE("a map of one reading serves another in which it places the neurons",
          "[neurons][carry]") {
  const Models models;
  const Model release{&models.release.checkpoint, &models.release.anatomy};
  const auto holds = [&](const ResidualMap& map, const MarkableModel& suspect) {
    return must(holds_for_neurons(map, {&suspect.checkpoint, &suspect.anatomy}, release, 2));
  };
  const auto suspect = disguise(models.release, models.scratch / "suspect",
                                {.reverse_layers = true, .new_embedding = true, .further = 16});
  const ResidualMap map = must(models.map(suspect));
  CHECK(holds(map, suspect));
  // Gate and up rows exchanged: the rows that the map would have to place are others.
  auto exchanged = disguise(models.release, models.scratch / "exchanged",
                            {.reverse_layers = true, .new_embedding = true, .further = 16});
  for (auto& group : exchanged.anatomy.groups) std::swap(*group.gate, group.up);
  CHECK_FALSE(holds(map, exchanged));
  // The same neurons in other coordinates, and of another width.
  const auto other = disguise(models.release, models.scratch / "other",
                              {.rotate = false, .new_embedding = true, .further = 16});
  CHECK_FALSE(holds(map, other));
  CHECK_FALSE(holds(map, models.release));
}

TEST_CASE("what an earlier search knows of the release changes no map", "[neurons][carry]") {
  const Models models;
  const Model release{&models.release.checkpoint, &models.release.anatomy};
  const auto suspect =
      disguise(models.release, models.scratch / "suspect", {.reverse_layers = true});
  const Model disguised{&suspect.checkpoint, &suspect.anatomy};
  ReleaseMemo memo;
  const auto search = [&](ReleaseMemo* known) {
    return must(map_neurons(disguised, release, {2, nullptr, kConfirmedMin, known}));
  };
  const ResidualMap first = search(&memo), second = search(&memo), alone = search(nullptr);
  CHECK_FALSE(memo.spectra.empty());
  CHECK_FALSE(memo.of_clouds.empty());
  CHECK(first.o == alone.o);
  CHECK(second.o == alone.o);
}

TEST_CASE("directions that nothing writes to are no part of a model", "[neurons][carry]") {
  const Models models;
  const auto span = [&](const MarkableModel& model) {
    return must(written_span({&model.checkpoint, &model.anatomy}, 2));
  };
  CHECK(span(models.release).count == 0);  // everything is written
  const auto wide =
      disguise(models.release, models.scratch / "wide", {.rotate = true, .further = 16});
  CHECK(span(wide).count == kSizes.width);
  // Rounding to the stored type writes a little to every direction.
  const auto rounded = disguise(models.release, models.scratch / "rounded",
                                {.rotate = true, .further = 16, .dtype = checkpoint::DType::bf16});
  CHECK(span(rounded).count == kSizes.width);
}

TEST_CASE("a huge constant in every token row is no direction, and brings no rounding errors",
          "[neurons][carry]") {
  const Models models;
  // What rounding would add to it if it varied is more than all that the model writes.
  const auto suspect = disguise(
      models.release, models.scratch / "constant",
      {.new_embedding = true, .further = 16, .constant = 1e4f, .dtype = checkpoint::DType::bf16});
  CHECK(must(written_span({&suspect.checkpoint, &suspect.anatomy}, 2)).count == kSizes.width);
  const auto map = models.map(suspect);
  REQUIRE(map);
  CHECK(map->cosine > 0.99);
}

}  // namespace wmk::neurons
