#include "neurons/rows/latent_rows.h"

#include <algorithm>
#include <cmath>

#include "stats/gemm.h"

namespace wmk::neurons {

LatentMatrix::LatentMatrix(Rows down, std::vector<int> exponents, std::vector<float> norm)
    : down_(std::move(down)), exponents_(std::move(exponents)), norm_(std::move(norm)) {}

void LatentMatrix::apply(Rows& rows, std::vector<int>& exponents) const {
  std::vector<int> scales(rows.count);
  std::vector<double> row(size());
  for (size_t i = 0; i < rows.count; ++i) {
    double largest = 0;
    for (size_t k = 0; k < size(); ++k) {
      const double weight = norm_.empty() ? 1 : norm_[k];
      row[k] = std::ldexp(rows.row(i)[k] * weight, exponents_[k]);
      largest = std::max(largest, std::abs(row[k]));
    }
    if (largest > 0 && std::isfinite(largest)) std::frexp(largest, &scales[i]);
    for (size_t k = 0; k < size(); ++k) {
      const double value = std::ldexp(row[k], -scales[i]);
      rows.row(i)[k] = std::isfinite(largest) ? static_cast<float>(value) : 0.0f;
    }
  }
  Rows out{rows.count, down_.width, std::vector<float>(rows.count * down_.width)};
  stats::gemm(stats::Op::plain, stats::Op::plain, out.count, out.width, size(), rows.values.data(),
              size(), down_.values.data(), out.width, 0.0f, out.values.data(), out.width);
  rows = std::move(out);
  remove_scale(rows, exponents);
  for (size_t i = 0; i < rows.count; ++i) exponents[i] += scales[i];
}

}  // namespace wmk::neurons
