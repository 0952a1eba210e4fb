// The results of T1, and of every other test of signs.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

namespace {

// The control's z has deviation 1 at most; beyond this value the signs are not independent.
constexpr double kShiftedZMax = 6;
// z of a hit after all corrections: exp(-z^2 / 2) is about 1e-14.
constexpr double kHitZ = 8;

// The mean cosine that would have been a hit, given the control's spread.
double detectable(const RowSigns& signs, double least) {
  const auto terms = static_cast<double>(signs.sum.terms);
  return std::max(least, kHitZ * std::sqrt(signs.shifted.squares) / (signs.cosines * terms));
}

}  // namespace

TestResult sign_result(const SignTest& test, const RowSigns& signs, const std::string& missing,
                       const std::string& sampled, const Basis& basis) {
  TestResult out;
  out.name = test.name;
  out.family = test.family;
  out.statistic = test.statistic;
  out.null = test.null;
  out.basis = basis.kind;
  if (!missing.empty() || signs.sum.terms == 0) {
    out.note = missing.empty() ? "no corresponding layers" : missing;
    return out;
  }
  out.kind = EvidenceKind::exact;
  out.value = signs.sum.z();
  out.log10_p = signs.sum.log10_p();
  out.effect = signs.effect();
  out.effect_min = test.effect_min;
  out.note =
      cat("mean cosine ", fixed(signs.effect(), 4), " over ", signs.sum.terms, " sign groups (",
          fixed(detectable(signs, test.effect_min), 4), " was detectable); control ",
          "(neighbouring groups) z = ", fixed(signs.shifted.z(), 1));
  if (!sampled.empty()) out.note += cat("; ", sampled);
  if (std::abs(signs.shifted.z()) > kShiftedZMax) {
    out.outcome = Outcome::control_failed;
  } else if (out.value < -kShiftedZMax) {
    out.outcome = Outcome::anomaly;
  } else {
    out.outcome = Outcome::null;  // until p is corrected (verdict.cc)
  }
  return out;
}

std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Basis& basis) {
  const auto result = [&](std::string_view groups, TensorFamily family, std::string_view null,
                          const RowSigns& signs, const std::string& missing) {
    return sign_result({cat("T1 row signs, ", groups), family, kCosineStatistic, null, kCosineMin},
                       signs, missing, found.sampled, basis);
  };
  std::vector<TestResult> out = {
      result("v/o", TensorFamily::value_output,
             "signs of head dimensions (v row with o columns) are independent", found.value_output,
             found.attention_missing),
      result("q/k", TensorFamily::query_key,
             "signs of RoPE pairs (q rows with k rows) are independent", found.query_key,
             found.attention_missing),
      result("up/down", TensorFamily::feed_forward,
             "signs of neurons (up row with down column) are independent", found.up_down,
             found.up_down_missing)};
  out[1].tried = found.pair_orders;
  return out;
}

}  // namespace wmk::lineage
