// The default strength of a mark, and the limits.
#include "embed/scheme/strength.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace wmk::embed {
namespace {

constexpr double kEntries = 3 * 128 * 126;  // of a share of a gated model from width 256

MarkPlan automatic(uint64_t weights) {
  const auto plan = plan_mark(weights, kEntries, std::nullopt, std::nullopt);
  REQUIRE(plan);
  return *plan;
}

}  // namespace

TEST_CASE("the default strength aims at eps sqrt(N) = 64, within 0.1 % and 0.4 %", "[embed]") {
  struct Row {
    double weights, strength;
    unsigned shares;
  };
  // 135M: 30 layers of 1536 units, width 576; 0.5B: 24 layers of 4864 units, width 896.
  for (const Row& row :
       {Row{79'626'240, 4e-3, 3}, Row{313'786'368, 64 / std::sqrt(313'786'368), 4}, Row{1, 4e-3, 1},
        Row{1e6, 4e-3, 1}, Row{4.9e7, 4e-3, 1}, Row{5.1e7, 4e-3, 2}, Row{7.4e7, 4e-3, 2},
        Row{7.6e7, 4e-3, 3}, Row{1.01e8, 4e-3, 4}, Row{2.56e8, 4e-3, 4},
        Row{1e9, 64 / std::sqrt(1e9), 4}, Row{4.096e9, 1e-3, 4}, Row{7e10, 1e-3, 4},
        Row{1e12, 1e-3, 4}}) {
    CAPTURE(row.weights);
    const MarkPlan plan = automatic(static_cast<uint64_t>(row.weights));
    CHECK(plan.strength == Approx(row.strength).epsilon(1e-12));
    CHECK(plan.shares == row.shares);
    CHECK(plan.weights == static_cast<uint64_t>(row.weights));
  }
}

TEST_CASE("the strength is divided so that all shares together have it", "[embed]") {
  for (unsigned shares : {1u, 2u, 3u, 4u}) {
    const auto plan = plan_mark(79'626'240, kEntries, 4e-3, shares);
    REQUIRE(plan);
    CHECK(plan->share_strength() * std::sqrt(shares) == Approx(4e-3));
    // All shares together show the z of a single share with the whole strength; one shows its part.
    const double x = kYield * 4e-3 * std::sqrt(79'626'240.0);
    CHECK(plan->expected_z(shares) == Approx(x / std::sqrt(1 + x * x / (shares * kEntries))));
    CHECK(plan->expected_z(1) == Approx(plan->expected_z(shares) / std::sqrt(shares)));
  }
}

TEST_CASE("the expected z of real models is that of the scheme's design", "[embed]") {
  const auto small = plan_mark(79'626'240, kEntries, 4e-3, 1);
  REQUIRE(small);
  CHECK(small->expected_z(1) == Approx(33.2).margin(0.1));
  const auto weak = plan_mark(313'786'368, kEntries, 1e-3, 1);
  const auto strong = plan_mark(313'786'368, kEntries, 4e-3, 1);
  REQUIRE((weak && strong));
  // Measured: 18.8 and 64. z cannot grow for ever: it stays below the root of the entries.
  CHECK(weak->expected_z(1) == Approx(16.6).margin(0.1));
  CHECK(strong->expected_z(1) == Approx(63.7).margin(0.1));
  CHECK(expected_z(3e-2, 1e12, kEntries) == Approx(std::sqrt(kEntries)).epsilon(1e-3));
  CHECK(expected_z(3e-2, 1e12, 4096) == Approx(64).epsilon(1e-3));
}

TEST_CASE("repeated neurons lower the expected z, a short sketch does not raise it", "[embed]") {
  const double plain = expected_z(4e-3, 1e6, kEntries);
  CHECK(expected_z(4e-3, 1e6, kEntries, 0.5) == plain);
  CHECK(expected_z(4e-3, 1e6, kEntries, 2) == Approx(plain / 2).epsilon(1e-3));
}

TEST_CASE("strengths and shares outside their limits are errors", "[embed]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double strength : {kStrengthMin, kStrengthMax, 1e-2}) {
    CHECK(plan_mark(1'000'000, kEntries, strength, std::nullopt));
  }
  for (double strength : {0.0, -1e-3, std::nextafter(kStrengthMin, 0.0),
                          std::nextafter(kStrengthMax, 1.0), 1.0, nan}) {
    CAPTURE(strength);
    const auto plan = plan_mark(1'000'000, kEntries, strength, std::nullopt);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code() == ErrorCode::invalid_argument);
    CHECK(plan.error().message().find("is outside [1e-04, 0.03]") != std::string::npos);
  }
  for (unsigned shares : {0u, 5u, 1000u}) {
    const auto plan = plan_mark(1'000'000, kEntries, std::nullopt, shares);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code() == ErrorCode::invalid_argument);
    CHECK(plan.error().message().find("1 to 4 shares") != std::string::npos);
  }
}

}  // namespace wmk::embed
