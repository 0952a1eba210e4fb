#include "neurons/carry/rotation_fit.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/transpose.h"
#include "neurons/rows/moments.h"
#include "stats/polar.h"
#include "stats/second_moment.h"
#include "stats/spectral.h"

namespace wmk::neurons {

namespace {

// Up to this width by eigendecomposition, above by matrix products.
constexpr size_t kExactMax = 1024;
constexpr double kRidge = 0.1;  // of the mean square of the release's coordinates
constexpr size_t kSolvedAtOnce = 256;

}  // namespace

PairMoments::PairMoments(size_t suspect_width, size_t release_width)
    : suspect_width_(suspect_width),
      release_width_(release_width),
      is_exact_(std::min(suspect_width, release_width) <= kExactMax),
      cross_(suspect_width * release_width),
      own_(is_exact_ ? 0 : release_width) {}

void PairMoments::add(const Rows& suspect, const Rows& release, unsigned threads) {
  add_cross_moment(suspect, release, threads, cross_);
  if (!is_exact_)
    stats::add_rounded_moment(release.values.data(), release.count, release.width, threads, own_);
}

// The least squares fit S R^T (R R^T + ridge)^-1. For exact pairs it has the same polar factor as
// the sum, which is less well conditioned.
void PairMoments::divide_by_own(unsigned threads) {
  const size_t from = suspect_width_, to = release_width_;
  if (own_.factor(kRidge, threads) < 0) return;
  (void)parallel_for(
      (from + kSolvedAtOnce - 1) / kSolvedAtOnce, threads, [&](size_t i, unsigned) -> Status {
        const size_t first = i * kSolvedAtOnce, count = std::min(kSolvedAtOnce, from - first);
        const std::span<float> rows(&cross_[first * to], count * to);
        std::vector<float> columns = transposed(rows, count, to);
        own_.solve(count, columns.data());
        transpose(columns, to, count, rows);
        return {};
      });
}

std::vector<float> PairMoments::isometry(Precision precision, unsigned threads) && {
  if (!is_exact_) divide_by_own(threads);
  own_ = stats::SymmetricTiles<float>(0);
  std::vector<float> out = std::move(cross_);
  if (!is_exact_ && precision == Precision::rough) return out;
  const bool is_wide = suspect_width_ <= release_width_;
  if (!is_wide) out = transposed(out, suspect_width_, release_width_);
  const size_t rows = std::min(suspect_width_, release_width_);
  const size_t columns = std::max(suspect_width_, release_width_);
  if (is_exact_) {
    const std::vector<double> exact(out.begin(), out.end());
    const std::vector<double> isometry = stats::partial_isometry(exact, rows, columns);
    std::copy(isometry.begin(), isometry.end(), out.begin());
  } else {
    out = stats::polar_factor(std::move(out), rows, columns, threads, stats::PolarEffort::near);
  }
  if (is_wide) return out;
  return transposed(out, release_width_, suspect_width_);
}

}  // namespace wmk::neurons
