#include "embed/output/column_scale.h"

#include <cmath>

#include "base/parallel.h"
#include "base/simd.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr size_t kParts = 64;  // of the sums; fixed, so that they do not depend on threads
constexpr int kRoundsMax = 4;

struct ColumnMoments {
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

struct RowBuffers {
  Bytes raw;
  std::vector<float> values;
  std::vector<uint8_t> finite;
};

ColumnScale scale_of(const ColumnMoments& moments, std::vector<uint8_t> used) {
  const size_t width = moments.sum.size();
  ColumnScale out{std::vector<float>(width), std::vector<float>(width), std::move(used)};
  const double count = static_cast<double>(std::max<uint64_t>(1, moments.rows));
  for (size_t j = 0; j < width; ++j) {
    const double mean = moments.sum[j] / count;
    const double square = std::max(0.0, moments.squares[j] / count - mean * mean);
    out.mean[j] = static_cast<float>(mean);
    const int exponent = square > 0 ? std::ilogb(std::sqrt(square)) : 0;
    // Beyond these a float factor would not be normal; no head has such columns.
    out.factor[j] =
        square > 0 ? static_cast<float>(std::ldexp(1.0, std::clamp(-exponent, -126, 126))) : 0.0f;
  }
  return out;
}

// Calls use(part, row, values) for each used row that is finite; parts run side by side.
template <class Use>
Status for_each_row(const HeadRows& rows, const std::vector<uint8_t>& used, unsigned threads,
                    const Use& use) {
  std::vector<RowBuffers> buffers(std::max(1u, threads));
  return parallel_for(kParts, threads, [&](size_t part, unsigned w) -> Status {
    auto& [raw, values, finite] = buffers[w];
    const size_t end = (part + 1) * rows.blocks() / kParts;
    for (size_t block = part * rows.blocks() / kParts; block < end; ++block) {
      const uint64_t first = rows.first(block), count = rows.count(block);
      values.resize(count * rows.width());
      Status read = rows.read(first, count, raw, values.data(), finite);
      if (!read) return read;
      for (uint64_t i = 0; i < count; ++i) {
        if (finite[i] != 0 && used[first + i] != 0) {
          use(part, first + i, &values[i * rows.width()]);
        }
      }
    }
    return {};
  });
}

Result<ColumnScale> scale_of_used(const HeadRows& rows, std::vector<uint8_t> used,
                                  unsigned threads) {
  const size_t width = rows.width();
  const std::vector<double> zeros(width);
  std::vector<ColumnMoments> parts(kParts, {zeros, zeros, 0});
  Status status =
      for_each_row(rows, used, threads, [&](size_t part, uint64_t, const float* values) {
        ++parts[part].rows;
        add_moments(values, width, parts[part].sum.data(), parts[part].squares.data());
      });
  if (!status) return std::move(status).error();
  ColumnMoments all{zeros, zeros, 0};
  for (const ColumnMoments& part : parts) {
    all.rows += part.rows;
    for (size_t j = 0; j < width; ++j) {
      all.sum[j] += part.sum[j];
      all.squares[j] += part.squares[j];
    }
  }
  return scale_of(all, std::move(used));
}

// Marks rows that are too long as left out; how many there are.
Result<size_t> leave_out_long(const HeadRows& rows, ColumnScale& scale, unsigned threads) {
  std::vector<float> squares(rows.rows());
  Status status = for_each_row(rows, scale.used, threads, [&](size_t, uint64_t row, float* values) {
    scale.apply(values);
    squares[row] = static_cast<float>(stats::sum_of_squares(values, rows.width()));
  });
  if (!status) return std::move(status).error();
  std::vector<float> sorted;
  std::copy_if(squares.begin(), squares.end(), std::back_inserter(sorted),
               [](float square) { return square > 0; });
  if (sorted.empty()) return size_t{0};
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double most = kRowLengthMax * kRowLengthMax * static_cast<double>(*middle);
  size_t left_out = 0;
  for (uint64_t row = 0; row < rows.rows(); ++row) {
    if (static_cast<double>(squares[row]) <= most) continue;
    scale.used[row] = 0;
    ++left_out;
  }
  return left_out;
}

}  // namespace

void ColumnScale::apply(float* row) const {
  centre_and_scale(mean.data(), factor.data(), mean.size(), row);
}

Result<ColumnScale> column_scale(const HeadRows& rows, unsigned threads,
                                 std::vector<uint8_t> used) {
  if (used.empty()) used.assign(rows.rows(), 1);
  auto scale = scale_of_used(rows, std::move(used), threads);
  for (int round = 0; round < kRoundsMax && scale; ++round) {
    auto left_out = leave_out_long(rows, *scale, threads);
    if (!left_out) return std::move(left_out).error();
    if (*left_out == 0) break;
    scale = scale_of_used(rows, std::move(scale->used), threads);
  }
  return scale;
}

Status read_scaled(const HeadRows& rows, uint64_t first, uint64_t count, const ColumnScale& scale,
                   Bytes& raw, std::vector<uint8_t>& finite, float* out) {
  Status status = rows.read(first, count, raw, out, finite);
  for (uint64_t i = 0; i < count && status; ++i) {
    float* row = out + i * rows.width();
    if (finite[i] != 0 && scale.used[first + i] != 0) {
      scale.apply(row);
    } else {
      std::fill(row, row + rows.width(), 0.0f);
    }
  }
  return status;
}

}  // namespace wmk::embed
