#include "lineage/model/row_cosines.h"

#include <algorithm>
#include <cmath>

#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

// Within these limits a row is scaled in single precision.
constexpr double kNormMin = 1e-30, kNormMax = 1e30;

}  // namespace

double cosine(const float* a, const float* b, size_t count) {
  const double aa = stats::sum_of_squares(a, count), bb = stats::sum_of_squares(b, count);
  return aa > 0 && bb > 0 ? stats::dot(a, b, count) / std::sqrt(aa * bb) : 0;
}

void normalise_rows(std::span<float> rows, size_t width) {
  for (size_t first = 0; first < rows.size(); first += width) {
    const auto row = rows.subspan(first, width);
    const double norm = std::sqrt(stats::sum_of_squares(row.data(), width));
    if (norm > kNormMin && norm < kNormMax) {
      stats::scale(static_cast<float>(1 / norm), width, row.data());
    } else if (norm > 0 && std::isfinite(norm)) {
      for (float& value : row) value = static_cast<float>(value / norm);
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
