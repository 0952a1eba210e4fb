// The list of hypotheses, its prices, and when a reading is left.
#include "verify/hypotheses.h"

#include <catch2/catch.hpp>

#include "embed/scheme/price.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"
#include "verify/reading_pass.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;

checkpoint::Vocabulary named_vocabulary() {
  checkpoint::Vocabulary out;
  out.source = "tokenizer.json";
  return out;
}

}  // namespace

TEST_CASE("each frame of each reading has four places", "[verify][hypotheses]") {
  embed::MarkRecord record;
  record.width = 64;
  record.labels = {1, 2, 3};
  const auto vocabulary = named_vocabulary();
  using enum FrameSource;
  CHECK(frames_at_hand(vocabulary, 64, {}) == std::vector{strings, ids});
  CHECK(frames_at_hand({}, 64, {&record, true, true}) == std::vector{ids, recorded, carried});
  CHECK(frames_at_hand(vocabulary, 64, {&record, true, true}) ==
        std::vector{strings, ids, shared, recorded, carried});
  CHECK(frames_at_hand(vocabulary, 128, {&record, false, true}) ==
        std::vector{strings, ids, shared});

  HypothesisList list(false);
  const auto declared = list.add_reading({strings, ids});
  const auto second = list.add_reading({strings, ids});
  REQUIRE(declared.size() == 2);
  REQUIRE(second.size() == 2);
  CHECK(declared[0].place == 1);
  CHECK(declared[1].place == 5);
  CHECK(second[0].place == 9);
  CHECK(second[0].reading == 1);
  CHECK(second[0].price == 20160);  // 9 x 10 x 2 x 7 x 4 x 4
  CHECK(second[1].place == 13);
  const Hypothesis window = second[0].of_window(3, false);
  CHECK(window.place == 12);
  CHECK(window.window == 3);
  CHECK(window.price == embed::price_of(12, false));
  // A declared reading without frames keeps the places of one.
  HypothesisList unreadable(true);
  CHECK(unreadable.add_reading({}).empty());
  CHECK(unreadable.add_reading({ids})[0].place == 5);
}

TEST_CASE("a reading is left when an untouched copy would have shown much more",
          "[verify][hypotheses]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  // With the strength of the record an untouched copy shows z near 40.
  write_tiny_model(scratch / "plain", "llama",
                   {.width = 64, .vocabulary = 500, .layers = 16, .units = 740, .seed = 3});
  const MarkableModel plain = open_model(scratch / "plain");
  const auto key = test_key("owner");
  mark(plain, key, scratch / "marked");
  const auto record = must(embed::read_record(test::record_of(scratch / "marked")));
  checkpoint::ReadingList list({scratch / "plain"});
  const DetectRequest request{.master = &key, .record = &record, .block_bytes = 1};
  const Detection found = must(detect(list, request));
  size_t left = 0;
  for (const Tried& each : found.tried) {
    if (each.hypothesis.reading == 0) continue;
    CAPTURE(each.reading, each.hypothesis.place);
    CHECK(each.fault.empty());
    // Heads carry no mark here: readings that differ in them alone are expected to show nothing.
    const bool is_of_heads = each.expected_z == 0;
    if (each.hypothesis.window == 0 && !is_of_heads) CHECK(each.expected_z >= kLeaveExpected);
    CHECK((each.part == Approx(1) || each.z < kLeaveBelow));
    left += each.part < 0.3;
  }
  CHECK(left > 2);
  // The tokens of the model are no words, so that its labels exclude nothing.
  CHECK_FALSE(report::is_yes(found.level));

  const auto plan = must(plan_detection(plain.anatomy, request));
  const auto parts = pass_parts(plan, plain.anatomy.weight_count());
  CHECK(parts.size() <= 7);
  CHECK(parts.front() < 0.3);
  CHECK(parts.back() == 1);
}

TEST_CASE("only the declared reading excludes nothing", "[verify][hypotheses]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", "llama");
  checkpoint::ReadingList list({scratch / "plain"});
  const auto key = test_key("owner");
  const Detection found = must(detect(list, {.master = &key, .readings = ReadingScope::declared}));
  for (const Tried& each : found.tried) CHECK(each.hypothesis.reading == 0);
  CHECK(found.level == report::Level::undecided);
}

}  // namespace wmk::verify
