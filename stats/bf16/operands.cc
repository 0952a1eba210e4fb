#include "stats/bf16/operands.h"

#include <cstring>

namespace wmk::stats {

void LeftOperand::resize(size_t m, size_t k) {
  m_ = m;
  k_ = k;
  values_.resize(m * k);
}

void LeftOperand::set_row(size_t row, const void* values) {
  const auto* from = static_cast<const std::byte*>(values);
  for (size_t k = 0; k < k_; k += 32) std::memcpy(part(row, k), from + 2 * k, 64);
}

void RightOperand::resize(size_t k, size_t n) {
  k_ = k;
  n_ = n;
  words_.resize(k / 2 * n);
}

}  // namespace wmk::stats
