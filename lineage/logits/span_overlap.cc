#include "lineage/logits/span_overlap.h"

#include <algorithm>
#include <cmath>

#include "embed/output/output_from_logits.h"
#include "stats/gemm.h"
#include "stats/symmetric_inverse.h"

namespace wmk::lineage {

namespace {

using stats::Op;

constexpr double kHeadRidge = 1e-9;

using HeadFactor = stats::SymmetricTiles<double>;

// The head's moments, factored; nullopt if it has no span.
std::optional<HeadFactor> factor_of(const SpanMoments& moments) {
  std::optional<HeadFactor> out = moments.head;
  if (out->factor(kHeadRidge, 1) < 0) out.reset();
  return out;
}

// (W^T W)^-1 C^T of a cross product C (rows x width): width x rows.
std::vector<double> coefficients(const SpanMoments& moments, const HeadFactor& factor,
                                 const std::vector<double>& cross) {
  const size_t n = moments.rows, d = moments.width;
  std::vector<double> out(d * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < d; ++j) out[j * n + i] = cross[i * d + j];
  }
  factor.solve(n, out.data());
  return out;
}

// tr(G^+ C (W^T W)^-1 C^T), G^+ of this rank.
std::optional<double> trace_of(const SpanMoments& moments, const stats::SymmetricInverse& inverse,
                               size_t rank, const HeadFactor& factor,
                               const std::vector<double>& cross) {
  const size_t n = moments.rows, d = moments.width;
  const std::vector<double> solved = coefficients(moments, factor, cross);
  std::vector<double> product(n * n);
  stats::gemm(Op::plain, Op::plain, n, n, d, cross.data(), d, solved.data(), n, 0.0, product.data(),
              n);
  if (!inverse.apply(rank, n, product)) return std::nullopt;
  double trace = 0;
  for (size_t i = 0; i < n; ++i) trace += product[i * n + i];
  return trace;
}

// Each of `rows` rows of `count` numbers, less the mean row and its own mean, of length 1; a row
// without any length stays zero.
std::vector<double> directions_of(std::vector<double> values, size_t rows, size_t count) {
  std::vector<double> mean(count);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < count; ++j) mean[j] += values[r * count + j];
  }
  for (size_t r = 0; r < rows; ++r) {
    double* row = &values[r * count];
    double sum = 0, squares = 0;
    for (size_t j = 0; j < count; ++j) sum += row[j] -= mean[j] / static_cast<double>(rows);
    for (size_t j = 0; j < count; ++j) row[j] -= sum / static_cast<double>(count);
    for (size_t j = 0; j < count; ++j) squares += row[j] * row[j];
    const double factor = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (size_t j = 0; j < count; ++j) row[j] *= factor;
  }
  return values;
}

}  // namespace

std::optional<SpanOverlap> span_overlap(const SpanMoments& moments) {
  const auto factor = factor_of(moments);
  const auto inverse = stats::SymmetricInverse::of(moments.gram, moments.rows);
  if (!factor || !inverse || !(inverse->values().front() > 0)) return std::nullopt;
  const size_t rank =
      embed::spectral_gap(inverse->values()).value_or(std::min(moments.rows - 1, moments.width));
  SpanOverlap out;
  out.directions = std::min(rank, moments.width);
  for (const std::vector<double>& cross : moments.cross) {
    const auto trace = trace_of(moments, *inverse, rank, *factor, cross);
    if (!trace) return std::nullopt;
    const double overlap = *trace / static_cast<double>(out.directions);
    if (&cross == moments.cross.data()) {
      out.value = overlap;
    } else {
      out.controls.push_back(overlap);
    }
  }
  return out;
}

double log10_permutation_bound(double sum, double expected) {
  const double t = sum - expected;
  if (t <= 0) return 0;
  return std::min(0.0, (std::log(2.0) - t * t / (4 * expected + 2 * t)) / std::log(10.0));
}

std::optional<UntouchedAgreement> untouched_agreement(const SpanMoments& moments) {
  const size_t n = moments.rows, d = moments.width, m = moments.untouched;
  const auto factor = factor_of(moments);
  if (m < kUntouchedMin || !factor) return std::nullopt;
  const auto solved = coefficients(moments, *factor, moments.cross[0]);
  const std::vector<double> rows(moments.untouched_rows.begin(), moments.untouched_rows.end());
  std::vector<double> predicted(m * n), cosines(m * m);
  stats::gemm(Op::plain, Op::plain, m, n, d, rows.data(), d, solved.data(), n, 0.0,
              predicted.data(), n);
  const auto a =
      directions_of({moments.untouched_logits.begin(), moments.untouched_logits.end()}, m, n);
  const auto b = directions_of(std::move(predicted), m, n);
  stats::gemm(Op::plain, Op::transposed, m, m, n, a.data(), n, b.data(), n, 0.0, cosines.data(), m);
  UntouchedAgreement out{.tokens = m};
  double sum = 0, total = 0;
  for (size_t u = 0; u < m; ++u) {
    for (size_t v = 0; v < m; ++v) {
      const double positive = std::clamp(cosines[u * m + v], 0.0, 1.0);
      total += positive;
      if (u == v) sum += positive;
    }
  }
  const auto count = static_cast<double>(m);
  out.cosine = sum / count;
  out.expected = total / count / count;
  out.log10_p = log10_permutation_bound(sum, total / count);
  return out;
}

}  // namespace wmk::lineage
