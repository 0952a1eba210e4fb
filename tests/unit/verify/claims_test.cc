// What a claimant, or whoever handles the suspect, can fit; and the conditions that say so.
#include <catch2/catch.hpp>

#include "base/json.h"
#include "base/text.h"
#include "embed/scheme/record.h"
#include "tests/support/fitted_frame.h"
#include "tests/unit/scratch.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using report::Level;

// The wider the model, the more a frame can be fitted.
const TinySizes kWide = {.width = 256, .vocabulary = 1200, .layers = 2, .units = 300};
// The more tokens, the closer a permutation of them comes to a frame.
const TinySizes kWordy = {.width = 128, .vocabulary = 8000, .layers = 2, .units = 560};

Subject as_subject(const MarkableModel& model) {
  return {&model.checkpoint, &model.anatomy, &model.vocabulary};
}

// An innocent model, and a claimant whose record is fitted to it.
struct Fitted {
  Scratch scratch;
  crypto::SecretBytes key = test_key("claimant");
  std::optional<MarkableModel> innocent, other;
  embed::MarkRecord record;

  explicit Fitted(const TinySizes& sizes) {
    innocent = write("innocent", sizes, 21);
    other = write("other", sizes, 22);
    mark(*other, key, scratch / "release");
    record = must(embed::read_record(test::record_of(scratch / "release")));
    record.frames.front().frame = fitted_frame(*innocent, key);
  }
  MarkableModel write(const char* name, TinySizes sizes, uint64_t seed) const {
    sizes.seed = seed;
    std::filesystem::create_directory(scratch / name);
    write_tiny_model(scratch / name, "llama", sizes);
    return open_model(scratch / name);
  }
};

}  // namespace

TEST_CASE("a record that is fitted to an innocent model gives a conditional claim",
          "[verify][claim]") {
  const Fitted fitted(kWide);
  REQUIRE(fitted.record.frames.front().structure == "share/0");
  CHECK(detect(*fitted.innocent, fitted.key, {.shares = 1}).z < 4.5);
  const Detection found = detect(*fitted.innocent, fitted.key, {.record = &fitted.record});
  CAPTURE(found.z);
  CHECK(found.level == Level::conclusive);
  CHECK(found.frame == FrameSource::recorded);
  CHECK(found.place == 13);  // after strings, ids and shared strings
  CHECK_FALSE(found.claim.is_theorem());
  CHECK(found.claim.word() == "conditional");
  CHECK(found.claim.conditions == std::vector{Condition::suspect_independent_of_key,
                                              Condition::release_independent_of_suspect});
  // The same record shows nothing in a model to which it was not fitted.
  const MarkableModel third = fitted.write("third", kWide, 23);
  const Detection other = detect(third, fitted.key, {.record = &fitted.record});
  CHECK_FALSE(report::is_yes(other.level));

  // A control that shows the mark voids the frame, in whatever was made from it; a null one does
  // not.
  DetectRequest request{.record = &fitted.record};
  request.controls = {as_subject(*fitted.other), as_subject(*fitted.innocent)};
  const Detection voided = detect(*fitted.innocent, fitted.key, request);
  CHECK(voided.level == Level::undecided);
  REQUIRE(voided.controls.size() == 2);
  CHECK(voided.controls[0].is_null);
  CHECK(voided.controls[0].z < 4.5);
  CHECK_FALSE(voided.controls[1].is_null);
  CHECK(voided.controls[1].z > 13);
  REQUIRE(voided.doubt);
  CHECK(voided.doubt->kind == DoubtKind::control);
  request.controls.pop_back();
  CHECK(detect(*fitted.innocent, fitted.key, request).level == Level::conclusive);
}

TEST_CASE("a tokenizer that is permuted to fit the key needs no record, and the condition says so",
          "[verify][claim]") {
  const Fitted fitted(kWordy);
  const auto& frame = fitted.record.frames.front().frame;
  const auto labels = fitted_labels(*fitted.innocent, fitted.key, frame);
  std::string vocabulary;
  for (size_t i = 0; i < labels.size(); ++i) {
    vocabulary += cat(i > 0 ? ", " : "", json::quoted(labels[i]), ": ", i);
  }
  const auto suspect =
      write_model(fitted.scratch / "suspect", tensors_of(*fitted.innocent), *fitted.innocent);
  fitted.scratch.put("suspect/tokenizer.json",
                     cat("{\"model\": {\"type\": \"WordLevel\", \"vocab\": {", vocabulary, "}}}"));
  const auto permuted = open_model(fitted.scratch / "suspect");
  REQUIRE(permuted.vocabulary.strings == labels);
  CHECK(detect(suspect, fitted.key, {.shares = 1}).z < 4.5);
  const Detection found = detect(permuted, fitted.key, {.shares = 1, .full = true});
  CHECK(report::is_yes(found.level));
  CHECK(found.frame == FrameSource::strings);
  CHECK(found.claim.is_theorem());
  CHECK_THAT(found.claim.text(), Catch::Matchers::Contains("its tokenizer or its embedding was "
                                                           "chosen with sight of the key"));
  CHECK(detect(permuted, test_key("another"), {.shares = 1, .full = true}).z < 4.5);
}

TEST_CASE("each thing that a claimant supplies adds its condition", "[verify][claim]") {
  const auto last_of = [](FrameSource frame, const ClaimSources& sources) {
    const Claim claim = claim_of(frame, sources);
    CHECK(claim.conditions.front() == Condition::suspect_independent_of_key);
    CHECK(claim.is_theorem() == (claim.conditions.size() == 1));
    return std::string(to_string(claim.conditions.back()));
  };
  for (FrameSource own : {FrameSource::strings, FrameSource::ids}) {
    CHECK(last_of(own, {}) == "suspect_independent_of_key");
    CHECK(last_of(own, {.subtracts_base = true}) == "base_independent_of_suspect");
    CHECK(last_of(own, {.is_adapter = true}) == "adapter_base_unmarked");
    CHECK(last_of(own, {.has_naming = true}) == "naming_not_fitted");
  }
  CHECK(last_of(FrameSource::recorded, {}) == "release_independent_of_suspect");
  CHECK(claim_of(FrameSource::recorded, {true, true, true}).conditions.size() == 5);
  CHECK_THAT(claim_of(FrameSource::recorded, {}).text(),
             Catch::Matchers::Contains(", and if the release was fixed before"));
}

}  // namespace wmk::verify
