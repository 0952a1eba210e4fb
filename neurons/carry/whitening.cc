#include "neurons/carry/whitening.h"

#include <cmath>

#include "stats/spectral.h"

namespace wmk::neurons {

namespace {

constexpr double kVarianceMin = 1e-4;

}  // namespace

Whitening::Whitening(const Rows& rows) : width_(rows.width), mean_(rows.width) {
  std::vector<double> covariance(width_ * width_);
  const double n = static_cast<double>(rows.count > 0 ? rows.count : 1);
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t c = 0; c < width_; ++c) mean_[c] += rows.row(i)[c] / n;
  }
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t a = 0; a < width_; ++a) {
      for (size_t b = 0; b < width_; ++b) {
        covariance[a * width_ + b] += (rows.row(i)[a] - mean_[a]) * (rows.row(i)[b] - mean_[b]) / n;
      }
    }
  }
  const stats::Eigenpairs pairs = stats::eigenpairs(covariance, width_);
  for (size_t k = 0; k < width_; ++k) {
    const double variance = pairs.values[k];
    if (!(variance > kVarianceMin * pairs.values.back())) continue;
    for (size_t c = 0; c < width_; ++c) {
      directions_.push_back(pairs.vectors[k * width_ + c] / std::sqrt(variance));
    }
  }
}

Rows Whitening::of(const Rows& rows) const {
  const size_t directions = directions_.size() / width_;
  Rows out{rows.count, directions, std::vector<float>(rows.count * directions)};
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t k = 0; k < directions; ++k) {
      double sum = 0;
      for (size_t c = 0; c < width_; ++c) {
        sum += directions_[k * width_ + c] * (rows.row(i)[c] - mean_[c]);
      }
      out.row(i)[k] = static_cast<float>(sum);
    }
  }
  return out;
}

}  // namespace wmk::neurons
