#include "embed/output/row_scale.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace wmk::embed {

namespace {

constexpr int kUsual = 30, kBesideMedian = 6;

// The power of two below the deviation of a row; nullopt: it is constant.
std::optional<int> exponent_of(const float* values, const std::vector<uint8_t>& used) {
  double sum = 0, squares = 0, count = 0;
  for (size_t j = 0; j < used.size(); ++j) {
    if (used[j] == 0) continue;
    sum += values[j];
    ++count;
  }
  for (size_t j = 0; j < used.size(); ++j) {
    const double deviation = values[j] - sum / count;
    squares += used[j] != 0 ? deviation * deviation : 0.0;
  }
  if (!(squares > 0)) return std::nullopt;
  return std::ilogb(std::sqrt(squares / count));
}

}  // namespace

std::vector<int> row_exponents(const std::vector<float>& values, const std::vector<uint8_t>& used,
                               size_t rows) {
  std::vector<std::optional<int>> own(rows);
  std::vector<int> sorted;
  for (size_t row = 0; row < rows; ++row) {
    own[row] = exponent_of(&values[row * used.size()], used);
    if (own[row]) sorted.push_back(*own[row]);
  }
  std::vector<int> out(rows);
  if (sorted.empty()) return out;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const int all = std::abs(*middle) > kUsual ? *middle : 0;
  for (size_t row = 0; row < rows; ++row) {
    const int beside = own[row].value_or(*middle) - *middle;
    out[row] = all + (std::abs(beside) > kBesideMedian ? beside : 0);
  }
  return out;
}

void divide_by_power(int exponent, size_t count, float* values) {
  if (exponent == 0) return;
  for (size_t i = 0; i < count; ++i) values[i] = std::ldexp(values[i], -exponent);
}

}  // namespace wmk::embed
