// The suspect is read once for the link and for the 2 x 2 table (specs/arbitration.md 3.9).
#include "claims/arbitrate/read_share.h"
#include "embed/scheme/label_set.h"
#include "tests/unit/claims/case_kit.h"
#include "tests/unit/scratch.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

namespace {

// As in tests/unit/verify/detect_test.cc: eps 0.03 shows z near 40, half of it in one of two
// shares.
constexpr wmk::test::TinySizes kSuspectSizes = {
    .width = 64, .vocabulary = 500, .layers = 16, .units = 740, .seed = 3, .words = true};

struct ReadSuspect {
  ReadSuspect() {
    std::filesystem::create_directory(scratch / "plain");
    wmk::test::write_tiny_model(scratch / "plain", "llama", kSuspectSizes);
    plain.emplace(wmk::test::open_model(scratch / "plain"));
    wmk::test::mark(*plain, it.owner.master, scratch / "marked", {.shares = 2});
    marked.emplace(wmk::test::open_model(scratch / "marked"));
    it.claimant.commitment->mark.strength = 0.03;
    labels = embed::label_hashes(marked->vocabulary);
  }
  static verify::Detection read(const wmk::test::MarkableModel& model,
                                const ShareRequest& request) {
    checkpoint::ReadingList list(
        checkpoint::borrowed_reading(model.checkpoint, model.anatomy, model.vocabulary));
    return must(read_share(list, request));
  }

  wmk::test::Scratch scratch;
  GoodCase it;
  std::optional<wmk::test::MarkableModel> plain, marked;
  std::vector<uint64_t> labels;  // of the release
};

}  // namespace

TEST_CASE(
    "a conclusive reading in the suspect's own frame is the blind one, whatever release is "
    "offered",
    "[claims]") {
  const ReadSuspect suspect;
  const ShareRequest blind{suspect.it.claimant};
  const ShareRequest offered{.party = suspect.it.claimant, .release_labels = suspect.labels};
  const CrossCell once = cross_cell(ReadSuspect::read(*suspect.marked, blind));
  const auto again = blind_cell(ReadSuspect::read(*suspect.marked, offered), offered);
  CHECK(once.is_shown);
  REQUIRE(again.has_value());
  CHECK(again->z == once.z);
  CHECK(again->is_shown);
}

TEST_CASE("a reading that a release could have helped is no blind one", "[claims]") {
  const ReadSuspect suspect;
  const ShareRequest blind{suspect.it.claimant};
  const ShareRequest offered{.party = suspect.it.claimant, .release_labels = suspect.labels};
  const verify::Detection plain = ReadSuspect::read(*suspect.plain, blind);
  REQUIRE(blind_cell(plain, blind).has_value());
  CHECK(blind_cell(plain, blind)->z == cross_cell(plain).z);
  CHECK_FALSE(blind_cell(plain, blind)->is_shown);
  CHECK_FALSE(blind_cell(ReadSuspect::read(*suspect.plain, offered), offered).has_value());
  // A control that shows the mark voids the link, and not what was read.
  verify::Detection voided = ReadSuspect::read(*suspect.marked, blind);
  voided.level = report::Level::undecided;
  CHECK(blind_cell(voided, blind)->is_shown);
  // In a frame that only the release gives.
  voided.place = 9;
  CHECK_FALSE(blind_cell(voided, offered).has_value());
}
