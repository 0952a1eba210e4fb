#include "report/probability.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"

namespace wmk::report {

namespace {

constexpr double kDecimalsAbove = -3;    // log10: above it p is printed with four decimals
constexpr double kSmallestLog10 = -1e6;  // smaller values are printed as this one
constexpr double kSteps = 1e4;           // four decimals

}  // namespace

double log10_of(double ln_p) { return ln_p / std::numbers::ln10; }

std::string p_bound(double log10_p) {
  if (!(log10_p < 0)) return "1";
  if (log10_p <= kDecimalsAbove) {
    return cat("< 10^", fixed(std::max(std::ceil(log10_p), kSmallestLog10), 0));
  }
  const double steps = std::ceil(std::pow(10, log10_p) * kSteps);
  return steps < kSteps ? cat("< ", fixed(steps / kSteps, 4)) : "1";
}

std::string p_statement(double log10_p) {
  const std::string bound = p_bound(log10_p);
  return cat(bound.starts_with('<') ? "p " : "p = ", bound);
}

std::string log10_bound(double log10_p) {
  if (!(log10_p <= -.1)) return "0.0";  // never "-0.0"
  return fixed(std::max(std::ceil(log10_p * 10) / 10, kSmallestLog10), 1);
}

}  // namespace wmk::report
