// The release's frame, carried into a suspect by neurons.
#include "verify/carried.h"

#include <catch2/catch.hpp>

#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "tests/support/disguise.h"
#include "tests/unit/scratch.h"
#include "verify/trace/trace.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

const TinySizes kSizes = {.width = 64,
                          .vocabulary = 500,
                          .layers = 3,
                          .units = 700,
                          .dtype = checkpoint::DType::f32,
                          .seed = 8};
const Disguise kThief = {.seed = 5, .reverse_layers = true, .new_embedding = true};

Subject subject_of(const MarkableModel& model) {
  return {&model.checkpoint, &model.anatomy, &model.vocabulary};
}

struct Release {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  MarkableModel original, marked;

  Release() : original(make()), marked(mark_it()) {}
  MarkableModel make() const {
    std::filesystem::create_directory(scratch / "original");
    write_tiny_model(scratch / "original", "llama", kSizes);
    return open_model(scratch / "original");
  }
  MarkableModel mark_it() const {
    mark(original, key, scratch / "marked", {.licensee = "acme"});
    return open_model(scratch / "marked");
  }
  Detection read(const MarkableModel& suspect, CarriedFrames& frames,
                 const crypto::SecretBytes& by) const {
    return detect(suspect, by, {.shares = 1, .full = true, .carried = &frames});
  }
};

}  // namespace

TEST_CASE("a carried frame finds the mark in a copy with other coordinates and a new embedding",
          "[verify][carried]") {
  Release release;
  mark(release.original, release.key, release.scratch / "owned");
  const auto owned = open_model(release.scratch / "owned");
  const double whole = detect(owned, release.key, {.shares = 1, .full = true}).z;
  const auto suspect = disguise(owned, release.scratch / "suspect", kThief);
  CHECK(detect(suspect, release.key, {.shares = 1, .full = true}).z < 4.5);

  CarriedFrames frames(subject_of(owned), std::nullopt);
  const Detection found = release.read(suspect, frames, release.key);
  CHECK(found.frame == FrameSource::carried);
  CHECK(found.place >= 9);  // strings and ids have four places each
  CHECK(found.place <= 12);
  // Two kinds of three are scored.
  CHECK(found.z == Approx(whole * std::sqrt(2.0 / 3)).epsilon(0.12));
  CHECK(found.claim.conditions.back() == Condition::release_independent_of_suspect);
  REQUIRE(found.carried);
  CHECK(found.carried->why_not.empty());
  CHECK(found.carried->cosine > 0.999);
  CHECK(found.carried->confirmed > 0.99);

  CarriedFrames with_original(subject_of(owned), subject_of(release.original));
  const Detection all = release.read(suspect, with_original, release.key);
  CHECK(all.frame == FrameSource::carried);
  CHECK(all.z == Approx(whole).epsilon(0.05));
  CHECK(all.expected_z == Approx(found.expected_z * std::sqrt(1.5)).epsilon(0.05));

  // Another key, and the model before it was marked.
  CHECK(release.read(suspect, frames, test_key("wrong")).z < 4.5);
  const auto innocent = disguise(release.original, release.scratch / "innocent", kThief);
  CHECK(release.read(innocent, frames, release.key).z < 4.5);
}

TEST_CASE("a carried frame shows the licensee of a disguised copy", "[verify][carried]") {
  Release release;
  const auto suspect = disguise(release.marked, release.scratch / "suspect", kThief);
  CarriedFrames frames(subject_of(release.original), std::nullopt);
  TraceRequest request;
  request.master = &release.key;
  request.licensees = {"beta", "acme"};
  CHECK_FALSE(report::is_yes(must(trace(subject_of(suspect), request)).level));
  request.carried = &frames;
  const Trace found = must(trace(subject_of(suspect), request));
  CHECK(report::is_yes(found.level));
  CHECK(found.frame == FrameSource::carried);
  CHECK(found.best.front().id == "acme");
}

TEST_CASE("junk in readers, where nothing is written, takes no weight from the carried frame",
          "[verify][carried]") {
  Release release;
  mark(release.original, release.key, release.scratch / "owned");
  const auto owned = open_model(release.scratch / "owned");
  CarriedFrames frames(subject_of(owned), std::nullopt);
  Disguise how = kThief;
  how.further = 16;
  how.junk = 0;
  const auto plain = disguise(owned, release.scratch / "plain", how);
  const double z = release.read(plain, frames, release.key).z;
  how.junk = 8;  // about four times as long as a row
  const auto suspect = disguise(owned, release.scratch / "suspect", how);
  const Detection found = release.read(suspect, frames, release.key);
  CHECK(found.frame == FrameSource::carried);
  CHECK(found.z == Approx(z).epsilon(0.03));
  const auto innocent = disguise(release.original, release.scratch / "innocent", how);
  CHECK(release.read(innocent, frames, release.key).z < 4.5);
}

TEST_CASE("where the release's neurons are not found there is no carried frame",
          "[verify][carried]") {
  Release release;
  TinySizes sizes = kSizes;
  sizes.seed = 9;
  std::filesystem::create_directory(release.scratch / "other");
  write_tiny_model(release.scratch / "other", "llama", sizes);
  const auto other = open_model(release.scratch / "other");
  CarriedFrames frames(subject_of(release.marked), std::nullopt);
  const Detection found = release.read(other, frames, release.key);
  CHECK_FALSE(report::is_yes(found.level));
  CHECK(found.frame != FrameSource::carried);
  REQUIRE(found.carried);
  CHECK(found.carried->why_not == "the release's neurons are not found in the suspect");
}

TEST_CASE("the kind that a frame was fitted to is not scored", "[verify][carried]") {
  Release release;
  auto structures = share_structures(release.marked, release.key, 1);
  embed::Structure& structure = structures.front();
  structure.unscored = embed::VectorKind::gate;
  for (const embed::VectorKind kind : embed::kVectorKinds) {
    const bool is_scored = kind != embed::VectorKind::gate;
    const auto signs = embed::carrier(structure, kind);
    CHECK(std::any_of(signs.begin(), signs.end(), [](int8_t s) { return s != 0; }) == is_scored);
    std::vector<double> ones(structure.entries(), 1.0);
    const auto kept = embed::guarded(structure, kind, ones);
    CHECK(std::any_of(kept.begin(), kept.end(), [](double v) { return v != 0; }) == is_scored);
  }
  const auto sketches = sketch_all(release.marked, structures);
  CHECK(embed::length_of(structure, sketches, 0, embed::TagRule::hard).value() ==
        Approx(1).margin(0.1));
}

}  // namespace wmk::verify
