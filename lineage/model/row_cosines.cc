#include "lineage/model/row_cosines.h"

#include <algorithm>
#include <cmath>

#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr double kDeadNorm = 1e-20;

}  // namespace

double cosine(const float* a, const float* b, size_t count) {
  const double aa = stats::sum_of_squares(a, count), bb = stats::sum_of_squares(b, count);
  return aa > 0 && bb > 0 ? stats::dot(a, b, count) / std::sqrt(aa * bb) : 0;
}

void normalise_rows(std::span<float> rows, size_t width) {
  for (size_t first = 0; first < rows.size(); first += width) {
    const auto row = rows.subspan(first, width);
    const double norm = std::sqrt(stats::sum_of_squares(row.data(), width));
    if (norm > kDeadNorm && std::isfinite(norm)) {
      stats::scale(static_cast<float>(1 / norm), width, row.data());
    } else {
      std::fill(row.begin(), row.end(), 0.0f);
    }
  }
}

void RowCosines::add(const std::vector<float>& b, const std::vector<float>& a, size_t width) {
  const size_t count = x.size();
  for (size_t i = 0; i < count; ++i) {
    const float* row = &b[i * width];
    x[i] += cosine(&a[i * width], row, width);
    shifted[i] += cosine(&a[(i + 1) % count * width], row, width);
  }
}

}  // namespace wmk::lineage
