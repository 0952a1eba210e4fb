#include "neurons/careful/vector_source.h"

#include <cmath>

#include "base/bytes.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::neurons {

using checkpoint::DType;
using checkpoint::RawBlock;

bool RowScale::finite() const { return std::isfinite(norm); }

double RowScale::log2() const { return std::log2(norm) + exponent; }

void widen_folded(const RawBlock& raw, std::span<const float> norm_weight, uint64_t first,
                  uint64_t count, std::vector<double>& rows) {
  const size_t width = raw.width();
  rows.resize(count * width);
  const auto weight = [&](size_t c) { return norm_weight.empty() ? 1.0 : norm_weight[c]; };
  if (raw.dtype() == DType::f64) {
    for (size_t u = 0; u < count; ++u) {
      for (size_t c = 0; c < width; ++c) {
        rows[u * width + c] = load_le<double>(raw.element(first + u, c)) * weight(c);
      }
    }
    return;
  }
  std::vector<float> panel(count * width);
  raw.widen_panel(first, count, panel);
  const size_t unit_step = raw.unit_major() ? width : 1;
  const size_t coordinate_step = raw.unit_major() ? 1 : count;
  for (size_t u = 0; u < count; ++u) {
    for (size_t c = 0; c < width; ++c) {
      rows[u * width + c] = panel[u * unit_step + c * coordinate_step] * weight(c);
    }
  }
}

RowScale take_scale(std::span<double> row) {
  double largest = 0;
  for (double x : row) {
    if (!std::isfinite(x)) return {x * x, 0};
    largest = std::max(largest, std::abs(x));
  }
  if (largest == 0) return {};
  RowScale scale;
  (void)std::frexp(largest, &scale.exponent);
  double sum = 0;
  for (double& x : row) {
    x = std::ldexp(x, -scale.exponent);
    sum += x * x;
  }
  scale.norm = std::sqrt(sum);
  return scale;
}

}  // namespace wmk::neurons
