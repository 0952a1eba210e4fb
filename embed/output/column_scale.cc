#include "embed/output/column_scale.h"

#include <cmath>

#include "base/parallel.h"
#include "base/simd.h"

namespace wmk::embed {

namespace {

struct Moments {
  std::vector<double> sum, squares;
  uint64_t rows = 0;
};

WMK_VECTORIZED void add_moments(const float* row, size_t width, double* sum, double* squares) {
  for (size_t j = 0; j < width; ++j) {
    const double x = row[j];
    sum[j] += x;
    squares[j] += x * x;
  }
}

WMK_VECTORIZED void centre_and_scale(const float* mean, const float* factor, size_t width,
                                     float* row) {
  for (size_t j = 0; j < width; ++j) row[j] = (row[j] - mean[j]) * factor[j];
}

}  // namespace

void ColumnScale::apply(float* row) const {
  centre_and_scale(mean.data(), factor.data(), mean.size(), row);
}

Result<ColumnScale> column_scale(const HeadRows& rows, unsigned threads) {
  struct Buffers {
    Bytes raw;
    std::vector<float> values;
    std::vector<uint8_t> finite;
  };
  const size_t width = rows.width();
  std::vector<Buffers> buffers(std::max(1u, threads));
  std::vector<Moments> parts(rows.blocks());
  Status status = parallel_for(rows.blocks(), threads, [&](size_t block, unsigned w) -> Status {
    auto& [raw, values, finite] = buffers[w];
    const uint64_t count = rows.count(block);
    values.resize(count * width);
    Status read = rows.read(rows.first(block), count, raw, values.data(), finite);
    if (!read) return read;
    Moments& out = parts[block];
    out.sum.resize(width);
    out.squares.resize(width);
    for (uint64_t i = 0; i < count; ++i) {
      if (finite[i] == 0) continue;
      ++out.rows;
      add_moments(&values[i * width], width, out.sum.data(), out.squares.data());
    }
    return {};
  });
  if (!status) return std::move(status).error();
  Moments all{std::vector<double>(width), std::vector<double>(width)};
  for (const Moments& part : parts) {
    all.rows += part.rows;
    for (size_t j = 0; j < width; ++j) {
      all.sum[j] += part.sum[j];
      all.squares[j] += part.squares[j];
    }
  }
  ColumnScale out{std::vector<float>(width), std::vector<float>(width)};
  const double count = static_cast<double>(std::max<uint64_t>(1, all.rows));
  for (size_t j = 0; j < width; ++j) {
    const double mean = all.sum[j] / count;
    const double square = std::max(0.0, all.squares[j] / count - mean * mean);
    out.mean[j] = static_cast<float>(mean);
    const int exponent = square > 0 ? std::ilogb(std::sqrt(square)) : 0;
    // Beyond these a float factor would not be normal; no head has such columns.
    out.factor[j] =
        square > 0 ? static_cast<float>(std::ldexp(1.0, std::clamp(-exponent, -126, 126))) : 0.0f;
  }
  return out;
}

Status read_scaled(const HeadRows& rows, uint64_t first, uint64_t count, const ColumnScale& scale,
                   Bytes& raw, std::vector<uint8_t>& finite, float* out) {
  Status status = rows.read(first, count, raw, out, finite);
  for (uint64_t i = 0; i < count && status; ++i) {
    if (finite[i] != 0) scale.apply(out + i * rows.width());
  }
  return status;
}

}  // namespace wmk::embed
