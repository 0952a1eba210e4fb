// What detection will try, and how many statistics it counts.
#include "verify/detect_plan.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "embed/scheme/price.h"
#include "verify/hypotheses.h"

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

// Frames to try, in order: each with its place in the list.
using FramesAndPlaces = std::vector<std::pair<FrameSource, unsigned>>;

// `totals`: 1 if the number of shares is known, else 4.
void check_plan(bool named, const DetectRequest& base, const FramesAndPlaces& expected,
                double totals) {
  for (bool full : {false, true}) {
    DetectRequest request = base;
    request.full = full;
    HypothesisList list(are_shares_known(request));
    auto tried = list.add_reading(frames_at_hand(vocabulary_of(named), 64, inputs_of(request)));
    std::erase_if(tried, [&](const Hypothesis& each) {
      return !is_wanted(each.frame, vocabulary_of(named), request);
    });
    REQUIRE(tried.size() == expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      const auto& [frame, place] = expected[i];
      CHECK(tried[i].frame == frame);
      CHECK(tried[i].place == place);
      // Two tag rules, seven analyses, four choices of sites.
      CHECK(tried[i].price == place * (place + 1.0) * 2 * 7 * 4 * totals);
    }
  }
}

ErrorCode refused(const DetectRequest& request) {
  const auto plan = plan_detection(anatomy_of(1000, 64), request);
  REQUIRE_FALSE(plan);
  return plan.error().code();
}

constexpr auto kStrings = FrameSource::strings;
constexpr auto kIds = FrameSource::ids;
constexpr auto kRecorded = FrameSource::recorded;

}  // namespace

TEST_CASE("each hypothesis has the price of its place, however much is read",
          "[verify][hypotheses]") {
  const auto by_strings = record_of(2, true);
  const auto by_ids = record_of(3, false);
  // Blind: both own frames; the number of shares is unknown.
  check_plan(true, {}, {{kStrings, 1}, {kIds, 5}}, 4);
  check_plan(false, {}, {{kIds, 1}}, 4);
  check_plan(true, {.shares = 1}, {{kStrings, 1}, {kIds, 5}}, 1);
  check_plan(true, {.shares = 4}, {{kStrings, 1}, {kIds, 5}}, 1);
  check_plan(true, {.share = 2}, {{kStrings, 1}, {kIds, 5}}, 1);
  check_plan(false, {.share = 0}, {{kIds, 1}}, 1);
  // A record adds its frame to the list, and says which labels are worth trying.
  check_plan(true, {.record = &by_strings}, {{kStrings, 1}, {kRecorded, 9}}, 1);
  check_plan(true, {.record = &by_ids}, {{kIds, 5}, {kRecorded, 9}}, 1);
  check_plan(false, {.record = &by_strings}, {{kIds, 1}, {kRecorded, 5}}, 1);
  check_plan(true, {.record = &by_strings, .share = 1}, {{kStrings, 1}, {kRecorded, 9}}, 1);
}

TEST_CASE("the prices of the whole list add up to a bound", "[verify][hypotheses]") {
  // Each place has 2 x 7 x 4 x 4 statistics; the sum of 1 / price over all of them is at most 1.
  double sum = 0;
  for (unsigned place = 1; place <= 1000; ++place)
    sum += 2 * 7 * 4 * 4 / embed::price_of(place, false);
  CHECK(sum < 1);
  CHECK(sum > 0.99);
  CHECK(embed::price_of(1, false) == 448);
  CHECK(embed::price_of(1, true) == 112);

  // A trace: of each id, in each round, 2 signs x 2 tag rules in the FFN. In the output head, and
  // again in both sites, 2 signs x 5 numbers of pairs at ten times the price, and 2 signs along the
  // id's own directions at twice the price.
  double traced = 0;
  for (unsigned place = 1; place <= 1000; ++place) {
    for (unsigned round = 1; round <= 1000; ++round) {
      const double price = embed::trace_price(place, 50, round);
      const double head = 2 * 5 / (10 * price) + 2 / (2 * price);
      traced += 50 * (2 * 2 / price + head + head);
    }
  }
  CHECK(traced < 1);
  CHECK(traced > 0.99);
  CHECK(embed::trace_price(1, 50) == 1600);
  CHECK(embed::trace_price(2, 50) == 4800);
  CHECK(embed::trace_price(1, 50, 2) == 4800);
}

TEST_CASE("an unknown number of shares is read in two nested stages", "[verify][hypotheses]") {
  const auto plan = plan_detection(anatomy_of(1000, 64), {});
  REQUIRE(plan);
  REQUIRE(plan->stages.size() == 2);
  CHECK(plan->stages[0].read == std::vector<unsigned>{0});
  CHECK(plan->stages[0].totals == std::vector<unsigned>{1});
  CHECK(plan->stages[1].read == std::vector<unsigned>{1, 2, 3});
  CHECK(plan->stages[1].totals == std::vector<unsigned>{2, 3, 4});
  const auto single = plan_detection(anatomy_of(1000, 64), {.share = 3});
  REQUIRE(single);
  REQUIRE(single->stages.size() == 1);
  CHECK(single->stages[0].read == std::vector<unsigned>{3});
}

TEST_CASE("over a network all shares are read together", "[verify][hypotheses]") {
  DetectRequest request;
  request.is_sparing = true;
  const auto plan = plan_detection(anatomy_of(1000, 64), request);
  REQUIRE(plan);
  REQUIRE(plan->stages.size() == 1);
  CHECK(plan->stages[0].read == std::vector<unsigned>{0, 1, 2, 3});
  CHECK(plan->stages[0].totals == std::vector<unsigned>{1, 2, 3, 4});
  const auto nested = plan_detection(anatomy_of(1000, 64), {});
  REQUIRE(nested);
  for (unsigned count = 1; count <= 4; ++count) {
    CHECK(plan->expected_z(embed::Site::ffn, count, 1000, 1) ==
          nested->expected_z(embed::Site::ffn, count, 1000, 1));
  }
  request.share = 2;
  CHECK(plan_detection(anatomy_of(1000, 64), request)->stages.front().read ==
        std::vector<unsigned>{2});
}

TEST_CASE("the expected z is that of the record, or of the default strength", "[verify]") {
  const uint64_t n = 3 * 1000 * 64;
  const double entries = 3 * 32 * 30;
  auto record = record_of(2, true);
  record.weights = n;
  const auto z_of = [&](const DetectRequest& request, uint64_t weights, double length) {
    const auto plan = plan_detection(anatomy_of(1000, 64), request);
    REQUIRE(plan);
    return plan->expected_z(embed::Site::ffn, plan->shares_asked(), weights, length);
  };
  const auto formula = [&](double strength, double shares, double weights, double length) {
    const double x =
        0.94 * strength / std::sqrt(2) * std::sqrt(shares * weights) / std::max(1.0, length);
    return x / std::sqrt(1 + x * x / (shares * entries));
  };
  CHECK(z_of({.record = &record}, n, 1) == Approx(formula(0.002, 2, n, 1)));
  CHECK(z_of({}, n, 1) == Approx(formula(0.004 * std::sqrt(2), 1, n, 1)));
  // One share of two has sqrt(1/2) of it.
  CHECK(z_of({.record = &record, .share = 1}, n, 1) == Approx(formula(0.002, 1, n, 1)));
  // If the number is unknown, a total of n shares may be all of the mark.
  const auto blind = plan_detection(anatomy_of(1000, 64), {});
  REQUIRE(blind);
  for (unsigned count = 1; count <= 4; ++count) {
    CHECK(blind->expected_z(embed::Site::ffn, count, n, 1) ==
          Approx(formula(0.004 * std::sqrt(2.0 / count), count, n, 1)));
  }
  CHECK(z_of({.share = 3}, n, 1) == Approx(formula(0.004 * std::sqrt(0.5), 1, n, 1)));
  // Fewer weights, and repeated ones; a length below 1 adds nothing.
  CHECK(z_of({.record = &record}, n / 4, 1) == Approx(formula(0.002, 2, n / 4, 1)));
  CHECK(z_of({.record = &record}, n, 2) == Approx(formula(0.002, 2, n, 2)));
  CHECK(z_of({.record = &record}, n, 0.5) == Approx(formula(0.002, 2, n, 1)));
  // At most the weights that the record lists were marked; blind, all may have been.
  CHECK(z_of({.record = &record}, 4 * n, 2) == Approx(formula(0.002, 2, n, 2)));
  CHECK(z_of({}, 4 * n, 2) == Approx(formula(0.004 * std::sqrt(2), 1, 4 * n, 2)));
}

TEST_CASE("the expected z of a recorded mark is what was read back from its release", "[verify]") {
  const uint64_t n = 3 * 1000 * 64;
  const double entries = 3 * 32 * 30;
  auto record = record_of(2, true);
  record.weights = n;
  record.read_back = {n / 4, {7, 9}, 12, 1.5};
  const auto z_of = [&](const DetectRequest& request, uint64_t weights, double length) {
    const auto plan = plan_detection(anatomy_of(1000, 64), request);
    REQUIRE(plan);
    return plan->expected_z(embed::Site::ffn, plan->shares_asked(), weights, length);
  };
  // The same part of the same release shows the same: of all shares, and of each alone.
  CHECK(z_of({.record = &record}, n / 4, 1.5) == Approx(12));
  CHECK(z_of({.record = &record, .share = 0}, n / 4, 1.5) == Approx(7));
  CHECK(z_of({.record = &record, .share = 1}, n / 4, 1.5) == Approx(9));
  CHECK(z_of({.record = &record, .shares = 1}, n / 4, 1.5) == Approx(7));
  // Four times the weights double z before saturation; a longer sketch shortens it.
  const auto scaled = [](double z, double factor, double limit) {
    const double x = factor * z / std::sqrt(1 - z * z / limit);
    return x / std::sqrt(1 + x * x / limit);
  };
  CHECK(z_of({.record = &record}, n, 1.5) == Approx(scaled(12, 2, 2 * entries)));
  CHECK(z_of({.record = &record}, 9 * n, 1.5) == Approx(scaled(12, 2, 2 * entries)));
  CHECK(z_of({.record = &record}, n, 3) == Approx(12));
  CHECK(z_of({.record = &record}, n, 0.5) == Approx(scaled(12, 3, 2 * entries)));
  // A release in which nothing was found promises nothing; one beyond the limit stays below it.
  record.read_back = {n, {-1, 90}, -1, 1};
  CHECK(z_of({.record = &record}, n, 1) == 0);
  const double most = z_of({.record = &record, .share = 1}, n, 1);
  CHECK(most < std::sqrt(entries));
  CHECK(most > 0.99 * std::sqrt(entries));
}

TEST_CASE("invalid requests are refused before anything is read", "[verify]") {
  const auto record = record_of(2, true), licensee = record_of(0, true);
  for (const DetectRequest& request :
       {DetectRequest{.shares = 0}, DetectRequest{.shares = 5}, DetectRequest{.share = 4},
        DetectRequest{.alpha = 0}, DetectRequest{.alpha = 1}, DetectRequest{.alpha = -1},
        DetectRequest{.alpha = std::nan("")}, DetectRequest{.record = &licensee},
        DetectRequest{.record = &record, .share = 2},
        DetectRequest{.record = &record, .shares = 3}}) {
    CHECK(refused(request) == ErrorCode::invalid_argument);
  }
  // In a suspect of another width the other frames are still read.
  auto other_width = record_of(2, true);
  other_width.width = 128;
  CHECK(plan_detection(anatomy_of(100, 64), {.record = &other_width}));
}

}  // namespace wmk::verify
