// How much of the span of logits is the span of a reference's output head
// (specs/logits_lineage.md 2, 3).
//
// Thread-safety: pure functions, on the caller's thread.
#pragma once

#include <optional>
#include <vector>

#include "lineage/logits/span_moments.h"

namespace wmk::lineage {

// tr(P_s P_r) over the number of directions that are compared: 1 for logits of the reference.
struct SpanOverlap {
  uint64_t directions = 0;  // of the logits, at most the width of the reference
  double value = 0;
  std::vector<double> controls;  // with tokens permuted in bands
};
// nullopt: the logits or the head have no span.
std::optional<SpanOverlap> span_overlap(const SpanMoments& moments);

// Logits of untouched tokens beside those that the reference's head predicts from the trained ones.
struct UntouchedAgreement {
  size_t tokens = 0;
  double cosine = 0;    // mean, of each token's logits with its own prediction
  double expected = 0;  // the same over all permutations of the tokens
  double log10_p = 0;   // exact; at most 0
};
inline constexpr size_t kUntouchedMin = 64;
// nullopt: fewer tokens than kUntouchedMin, or no span.
std::optional<UntouchedAgreement> untouched_agreement(const SpanMoments& moments);

// log10 of 2 exp(-t^2 / (4 E + 2 t)), at most 0: a bound of P(|Y - E| >= t) for Y = sum of
// a[i][pi(i)], a in [0, 1], pi a uniform permutation (Chatterjee 2007, Proposition 1.1).
double log10_permutation_bound(double sum, double expected);

}  // namespace wmk::lineage
