#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/row_signs.h"

namespace wmk::lineage {

namespace {

// The control's z is standard normal at best: beyond this the signs are not independent.
constexpr double kShiftedZMax = 6;
// An effect below this is not told from a shared initialisation (specs/lineage.md 7).
constexpr double kCosineMin = 1e-3;
// z of a hit after the corrections: exp(-z^2 / 2) is about 1e-14.
constexpr double kHitZ = 8;

// The mean cosine that a hit would have needed, by the control's spread.
double detectable(const RowSigns& signs) {
  const auto terms = static_cast<double>(signs.sum.terms);
  return std::max(kCosineMin, kHitZ * std::sqrt(signs.shifted.squares) / (2 * terms));
}

TestResult row_sign_result(std::string_view units, FamilyOfTensors family, std::string_view null,
                           const RowSigns& signs, const std::string& missing,
                           const std::string& sampled, const Gauge& gauge) {
  TestResult out;
  out.name = cat("T1 row signs, ", units);
  out.family = family;
  out.statistic = kCosineStatistic;
  out.null = null;
  out.gauge = word(gauge.kind);
  if (!missing.empty() || signs.sum.terms == 0) {
    out.note = missing.empty() ? "no layer in common" : missing;
    return out;
  }
  out.kind = Kind::exact;
  out.value = signs.sum.z();
  out.log10_p = signs.sum.log10_p();
  out.effect = signs.effect();
  out.effect_min = kCosineMin;
  out.note = cat("mean cosine ", fixed(signs.effect(), 4), " over ", signs.sum.terms, " units (",
                 fixed(detectable(signs), 4), " would have shown); control ",
                 "(neighbouring units) z = ", fixed(signs.shifted.z(), 1));
  if (!sampled.empty()) out.note += cat("; ", sampled);
  if (std::abs(signs.shifted.z()) > kShiftedZMax) {
    out.outcome = Outcome::control_failed;
  } else if (out.value < -kShiftedZMax) {
    out.outcome = Outcome::anomaly;
  } else {
    out.outcome = Outcome::null;  // until corrections are known (verdict.cc)
  }
  return out;
}

}  // namespace

std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Gauge& gauge) {
  std::vector<TestResult> out = {
      row_sign_result("v/o", FamilyOfTensors::value_output,
                      "signs of head dimensions (v row with o columns) are independent",
                      found.value_output, found.attention_missing, found.sampled, gauge),
      row_sign_result("q/k", FamilyOfTensors::query_key,
                      "signs of RoPE pairs (q rows with k rows) are independent", found.query_key,
                      found.attention_missing, found.sampled, gauge),
      row_sign_result("up/down", FamilyOfTensors::feed_forward,
                      "signs of neurons (up row with down column) are independent", found.up_down,
                      found.up_down_missing, found.sampled, gauge)};
  out[1].tried = found.pair_orders;
  return out;
}

}  // namespace wmk::lineage
