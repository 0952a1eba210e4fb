// From z to a verdict: the four levels at their thresholds.
#include "verify/judge.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "embed/read/score.h"

namespace wmk::verify {
namespace {

using report::Level;

// z at which Hoeffding's bound times `hypotheses` is exp(ln_p).
double z_at(double ln_p, double hypotheses) { return std::sqrt(2 * (std::log(hypotheses) - ln_p)); }

constexpr double kHair = 1e-9;
constexpr double kConclusive = -128 * std::numbers::ln2;

}  // namespace

TEST_CASE("ln p is ln M - z^2 / 2 and never above 0", "[verify][judge]") {
  CHECK(embed::ln_p(10, 1) == -50);
  CHECK(embed::ln_p(10, 112) == Approx(std::log(112) - 50));
  for (double z : {-30.0, 0.0, 0.5, 3.0}) CHECK(embed::ln_p(z, 112) == 0);
  // A z far below zero is not evidence either: the bound is one-sided.
  CHECK(embed::ln_p(-30, 1) == 0);
}

TEST_CASE("conclusive begins at p = 2^-128", "[verify][judge]") {
  for (double m : {1.0, 12.0, 112.0, 4e6}) {
    const double border = z_at(kConclusive, m);
    CHECK(judge(border + kHair, m, 0, kDefaultAlpha).level == Level::conclusive);
    CHECK(judge(border - kHair, m, 0, kDefaultAlpha).level == Level::detected);
    CHECK(is_conclusive(border + kHair, m));
    CHECK_FALSE(is_conclusive(border - kHair, m));
  }
  CHECK(z_at(kConclusive, 1) == Approx(13.3208).margin(1e-4));
}

TEST_CASE("detected begins at p = alpha", "[verify][judge]") {
  for (double alpha : {1e-3, kDefaultAlpha, 1e-30}) {
    for (double m : {1.0, 112.0}) {
      const double border = z_at(std::log(alpha), m);
      CHECK(judge(border + kHair, m, 100, alpha).level == Level::detected);
      CHECK(judge(border - kHair, m, 100, alpha).level != Level::detected);
      CHECK(judge(border + kHair, m, 100, alpha).ln_p <= std::log(alpha));
    }
  }
  // An alpha below 2^-128 does not change any verdict.
  CHECK(judge(20, 1, 0, 1e-100).level == Level::conclusive);
}

TEST_CASE("not found requires p above 1e-3, and a mark that would show 12 with half of it left",
          "[verify][judge]") {
  const double border = z_at(std::log(1e-3), 56);
  CHECK(judge(border - kHair, 56, 24, kDefaultAlpha).level == Level::not_found);
  CHECK(judge(border + kHair, 56, 24, kDefaultAlpha).level == Level::undecided);
  CHECK(judge(0, 56, 24, kDefaultAlpha).level == Level::not_found);
  CHECK(judge(0, 56, 24 - kHair, kDefaultAlpha).level == Level::undecided);
  CHECK(judge(-40, 56, 1000, kDefaultAlpha).level == Level::not_found);
  CHECK(judge(0, 56, 0, kDefaultAlpha).level == Level::undecided);
}

TEST_CASE("more hypotheses never make a verdict stronger", "[verify][judge]") {
  for (double z = 0; z < 20; z += 0.37) {
    double last = -1e9;
    for (double m : {1.0, 2.0, 56.0, 1e6}) {
      const Judgement judgement = judge(z, m, 30, kDefaultAlpha);
      CHECK(judgement.ln_p >= last);
      CHECK(judgement.ln_p <= 0);
      last = judgement.ln_p;
    }
  }
}

}  // namespace wmk::verify
