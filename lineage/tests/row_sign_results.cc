// The results of T1, and of every other test of signs.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/control.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

namespace {

// Turned signs leave sizes: the squares of x against those of neighbours. Unrelated models give 1
// with a deviation of about 2 / sqrt(terms).
constexpr double kSizeRatioMin = 2, kSizeDeviations = 8;

// The mean cosine whose z would have been that of a hit, given the control's spread.
double detectable(const RowSigns& signs) {
  const auto terms = static_cast<double>(signs.sum.terms);
  return kHitZ * std::sqrt(signs.shifted.squares) / (signs.cosines * terms);
}

// How much larger the squares of x are than those of neighbours; 0 if they do not stand out.
double size_ratio(const RowSigns& signs) {
  if (signs.shifted.terms == 0 || !(signs.shifted.squares > 0)) return 0;
  const auto terms = static_cast<double>(signs.sum.terms);
  const double ratio =
      signs.sum.squares / terms * static_cast<double>(signs.shifted.terms) / signs.shifted.squares;
  return ratio > std::max(kSizeRatioMin, 1 + kSizeDeviations * 2 / std::sqrt(terms)) ? ratio : 0;
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
  out.effect = signs.effect();
  out.effect_min = kCopiedMin;
  out.not_seen = test.not_seen;
  out.note = cat(test.effect, " ", fixed(signs.effect(), 4), " over ", signs.sum.terms,
                 " sign groups (", fixed(detectable(signs), 4), " was detectable)");
  set_signed_outcome(signs.sum.z(), signs.shifted.z(), "neighbouring groups", out);
  const double ratio = test.has_sizes && std::abs(out.value) < kHitZ ? size_ratio(signs) : 0;
  if (ratio > 0) {
    out.stands_out = true;
    out.note += cat("; cosines are ", fixed(std::sqrt(ratio), 1), " times those of neighbours");
  }
  if (!sampled.empty()) out.note += cat("; ", sampled);
  return out;
}

std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Basis& basis) {
  const auto result = [&](std::string_view groups, TensorFamily family, std::string_view null,
                          std::string_view not_seen, const RowSigns& signs,
                          const std::string& missing) {
    return sign_result({cat("T1 row signs, ", groups), family, kCosineStatistic, null, not_seen},
                       signs, missing, found.sampled, basis);
  };
  std::vector<TestResult> out = {
      result("v/o", TensorFamily::value_output,
             "signs of head dimensions (v row with o columns) are independent",
             "V and O mixed within heads, head dimensions in another order", found.value_output,
             found.attention_missing),
      result("q/k", TensorFamily::query_key,
             "signs of RoPE pairs (q rows with k rows) are independent",
             "q and k turned within RoPE pairs", found.query_key, found.attention_missing),
      result("up/down", TensorFamily::feed_forward,
             "signs of neurons (up row with down column) are independent",
             "neurons in another order (T4 looks for these)", found.up_down,
             found.up_down_missing)};
  out[1].tried = found.pair_orders;
  if (found.moved_heads == 0) return out;
  for (size_t i = 0; i < 2; ++i) {
    out[i].note += cat("; heads in another order in ", found.moved_heads, " layers");
  }
  return out;
}

}  // namespace wmk::lineage
