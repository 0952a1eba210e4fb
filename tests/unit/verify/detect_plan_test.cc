// What detection will try, and how many statistics it counts.
#include "verify/detect_plan.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace wmk::verify {
namespace {

checkpoint::Anatomy anatomy_of(uint64_t units, uint64_t width) {
  checkpoint::Anatomy anatomy;
  anatomy.width = width;
  checkpoint::UnitGroup group;
  group.units = units;
  group.gate = checkpoint::View{};
  anatomy.groups = {group};
  return anatomy;
}

checkpoint::Vocabulary vocabulary_of(bool named) {
  checkpoint::Vocabulary vocabulary;
  if (named) vocabulary.source = "tokenizer.json";
  return vocabulary;
}

embed::MarkRecord record_of(unsigned shares, bool strings) {
  embed::MarkRecord record;
  record.shares = shares;
  record.strength = 0.002;
  record.width = 64;
  record.string_labels = strings;
  return record;
}

struct Tried {
  std::vector<FrameSource> frames;
  size_t totals;
};

void check_plan(bool named, const DetectRequest& request, const Tried& expected) {
  const auto plan = plan_detection(anatomy_of(1000, 64), vocabulary_of(named), request);
  REQUIRE(plan);
  CHECK(plan->frames == expected.frames);
  for (size_t analyses : {1, 3, 7}) {
    // Frames, two tag rules, totals, analyses.
    CHECK(plan->hypotheses(analyses) ==
          static_cast<double>(expected.frames.size() * 2 * expected.totals * analyses));
  }
}

ErrorCode refused(const DetectRequest& request) {
  const auto plan = plan_detection(anatomy_of(1000, 64), vocabulary_of(true), request);
  REQUIRE_FALSE(plan);
  return plan.error().code();
}

constexpr auto kStrings = FrameSource::strings;
constexpr auto kIds = FrameSource::ids;
constexpr auto kRecorded = FrameSource::recorded;

}  // namespace

TEST_CASE("every statistic that may be computed is counted", "[verify][hypotheses]") {
  const auto by_strings = record_of(2, true);
  const auto by_ids = record_of(3, false);
  // Blind: both own frames; the totals of 1, 2, 3 and 4 shares.
  check_plan(true, {}, {{kStrings, kIds}, 4});
  check_plan(false, {}, {{kIds}, 4});
  // A known number of shares has one total, and so has a single share.
  check_plan(true, {.shares = 1}, {{kStrings, kIds}, 1});
  check_plan(true, {.shares = 4}, {{kStrings, kIds}, 1});
  check_plan(true, {.share = 2}, {{kStrings, kIds}, 1});
  check_plan(false, {.share = 0}, {{kIds}, 1});
  // A record determines the shares and the labels, and adds its frame.
  check_plan(true, {.record = &by_strings}, {{kStrings, kRecorded}, 1});
  check_plan(true, {.record = &by_ids}, {{kIds, kRecorded}, 1});
  check_plan(false, {.record = &by_strings}, {{kIds, kRecorded}, 1});
  check_plan(true, {.record = &by_strings, .share = 1}, {{kStrings, kRecorded}, 1});
  check_plan(true, {.record = &by_strings, .shares = 1}, {{kStrings, kRecorded}, 1});
}

TEST_CASE("an unknown number of shares is read in two nested stages", "[verify][hypotheses]") {
  const auto plan = plan_detection(anatomy_of(1000, 64), vocabulary_of(true), {});
  REQUIRE(plan);
  REQUIRE(plan->stages.size() == 2);
  CHECK(plan->stages[0].read == std::vector<unsigned>{0});
  CHECK(plan->stages[0].totals == std::vector<unsigned>{1});
  CHECK(plan->stages[1].read == std::vector<unsigned>{1, 2, 3});
  CHECK(plan->stages[1].totals == std::vector<unsigned>{2, 3, 4});
  const auto single = plan_detection(anatomy_of(1000, 64), vocabulary_of(true), {.share = 3});
  REQUIRE(single);
  REQUIRE(single->stages.size() == 1);
  CHECK(single->stages[0].read == std::vector<unsigned>{3});
}

TEST_CASE("the expected z is that of the record, or of the default strength", "[verify]") {
  const double n = 3 * 1000 * 64, entries = 3 * 32 * 30;
  const auto record = record_of(2, true);
  const auto recorded =
      plan_detection(anatomy_of(1000, 64), vocabulary_of(true), {.record = &record});
  REQUIRE(recorded);
  CHECK(recorded->expected_z_full() ==
        Approx(embed::expected_z(0.002 / std::sqrt(2), 2 * n, 2 * entries)));
  const auto blind = plan_detection(anatomy_of(1000, 64), vocabulary_of(true), {});
  REQUIRE(blind);
  CHECK(blind->expected_z_full() == Approx(embed::expected_z(0.004, n, entries)));
  // One share of two has sqrt(1/2) of it.
  const auto one =
      plan_detection(anatomy_of(1000, 64), vocabulary_of(true), {.record = &record, .share = 1});
  REQUIRE(one);
  CHECK(one->expected_z_full() == Approx(embed::expected_z(0.002 / std::sqrt(2), n, entries)));
}

TEST_CASE("invalid requests are refused before anything is read", "[verify]") {
  const auto record = record_of(2, true), licensee = record_of(0, true);
  auto other_width = record_of(2, true);
  other_width.width = 128;
  for (const DetectRequest& request :
       {DetectRequest{.shares = 0}, DetectRequest{.shares = 5}, DetectRequest{.share = 4},
        DetectRequest{.alpha = 0}, DetectRequest{.alpha = 1}, DetectRequest{.alpha = -1},
        DetectRequest{.alpha = std::nan("")}, DetectRequest{.record = &licensee},
        DetectRequest{.record = &other_width}, DetectRequest{.record = &record, .share = 2},
        DetectRequest{.record = &record, .shares = 3}}) {
    CHECK(refused(request) == ErrorCode::invalid_argument);
  }
}

}  // namespace wmk::verify
