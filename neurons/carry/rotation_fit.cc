#include "neurons/carry/rotation_fit.h"

#include <algorithm>

#include "base/transpose.h"
#include "stats/polar.h"
#include "stats/spectral.h"

namespace wmk::neurons {

namespace {

// Up to this width by eigendecomposition, above by matrix products.
constexpr size_t kExactMax = 1024;

}  // namespace

std::vector<float> isometry_of(std::vector<float> moment, size_t suspect_width,
                               size_t release_width, Precision precision, unsigned threads) {
  const bool is_wide = suspect_width <= release_width;
  if (!is_wide) moment = transposed(moment, suspect_width, release_width);
  const size_t rows = std::min(suspect_width, release_width);
  const size_t columns = std::max(suspect_width, release_width);
  if (rows <= kExactMax) {
    const std::vector<double> exact(moment.begin(), moment.end());
    const std::vector<double> isometry = stats::partial_isometry(exact, rows, columns);
    std::copy(isometry.begin(), isometry.end(), moment.begin());
  } else {
    moment = stats::polar_factor(moment, rows, columns, threads, stats::PolarEffort::rough);
    // Once more: small singular values of the moment have not converged.
    if (precision == Precision::full) moment = stats::polar_factor(moment, rows, columns, threads);
  }
  if (!is_wide) moment = transposed(moment, release_width, suspect_width);
  return moment;
}

}  // namespace wmk::neurons
