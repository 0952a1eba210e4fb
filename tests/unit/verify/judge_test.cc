// From z to a verdict: the levels of a yes at their thresholds.
#include "verify/claims/judge.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "embed/read/score.h"

namespace wmk::verify {
namespace {

using report::Level;

// z at which Hoeffding's bound times `price` is exp(ln_p).
double z_at(double ln_p, double price) { return std::sqrt(2 * (std::log(price) - ln_p)); }

std::optional<Level> level_of(double z, double price, double alpha = kDefaultAlpha) {
  return yes_level(embed::ln_p(z, price), alpha);
}

constexpr double kHair = 1e-9;
constexpr double kConclusive = -128 * std::numbers::ln2;

}  // namespace

TEST_CASE("ln p is ln price - z^2 / 2 and never above 0", "[verify][judge]") {
  CHECK(embed::ln_p(10, 1) == -50);
  CHECK(embed::ln_p(10, 448) == Approx(std::log(448) - 50));
  for (double z : {-30.0, 0.0, 0.5, 3.0}) CHECK(embed::ln_p(z, 448) == 0);
  // A z far below zero is not evidence either: the bound is one-sided.
  CHECK(embed::ln_p(-30, 1) == 0);
  CHECK(ln_price_p(-30, 448) == std::log(448));
  CHECK(ln_price_p(3, 448) == Approx(std::log(448) - 4.5));
}

TEST_CASE("conclusive begins at p = 2^-128", "[verify][judge]") {
  for (double price : {1.0, 112.0, 448.0, 4e6}) {
    const double border = z_at(kConclusive, price);
    CHECK(level_of(border + kHair, price) == Level::conclusive);
    CHECK(level_of(border - kHair, price) == Level::detected);
    CHECK(is_conclusive(border + kHair, price));
    CHECK_FALSE(is_conclusive(border - kHair, price));
  }
  CHECK(z_at(kConclusive, 1) == Approx(13.3208).margin(1e-4));
  CHECK(z_at(kConclusive, 448) == Approx(13.7715).margin(1e-4));
}

TEST_CASE("detected begins at p = alpha", "[verify][judge]") {
  for (double alpha : {1e-3, kDefaultAlpha, 1e-30}) {
    for (double price : {1.0, 112.0}) {
      const double border = z_at(std::log(alpha), price);
      CHECK(level_of(border + kHair, price, alpha) == Level::detected);
      CHECK_FALSE(level_of(border - kHair, price, alpha));
    }
  }
  // An alpha below 2^-128 does not change any verdict.
  CHECK(level_of(20, 1, 1e-100) == Level::conclusive);
}

}  // namespace wmk::verify
