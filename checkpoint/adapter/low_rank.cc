#include "checkpoint/adapter/low_rank.h"

#include <algorithm>
#include <cmath>

#include "base/simd.h"
#include "base/transpose.h"
#include "checkpoint/read_rectangle.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kMeasureElements = 1 << 20;
constexpr uint64_t kStrip = 1024;  // columns whose sums fit into the L1 cache

// out[c] += scale * sum of left[k] * right[k][c], the sum in the order of k.
WMK_VECTORIZED void add_products(const float* left, const float* right, size_t rank,
                                 size_t right_row, float scale, size_t count, float* out) {
  float sum[kStrip];
  for (size_t c = 0; c < count; ++c) sum[c] = left[0] * right[c];
  for (size_t k = 1; k < rank; ++k) {
    const float factor = left[k];
    const float* row = right + k * right_row;
    for (size_t c = 0; c < count; ++c) sum[c] += factor * row[c];
  }
  for (size_t c = 0; c < count; ++c) out[c] += scale * sum[c];
}

}  // namespace

LowRankEncoding::LowRankEncoding(std::optional<Tensor> base, LowRankUpdate update)
    : base_(std::move(base)),
      update_(std::move(update)),
      rank_(update_.a.shape[update_.is_a_turned ? 1 : 0]) {}

uint64_t LowRankEncoding::stored_bytes() const {
  uint64_t bytes = update_.a.stored_bytes() + update_.b.stored_bytes();
  for (const auto* part : {&base_, &update_.magnitudes, &update_.diagonal}) {
    if (*part) bytes += (*part)->stored_bytes();
  }
  return bytes;
}

// r numbers for each row of the part: of B, or of A transposed.
Status LowRankEncoding::read_left(std::span<const ReadFile> files, const Rectangle& part,
                                  std::vector<float>& left) const {
  left.resize(part.rows * rank_);
  if (!update_.transposed) {
    auto status = read_rectangle(files, update_.b, {part.first_row, part.rows, 0, rank_}, left);
    if (!status || !update_.diagonal) return status;
    std::vector<float> diagonal(rank_);
    status = read_rectangle(files, *update_.diagonal, {0, 1, 0, rank_}, diagonal);
    for (size_t i = 0; i < left.size(); ++i) left[i] *= diagonal[i % rank_];
    return status;
  }
  auto status = read_rectangle(files, update_.a, {0, rank_, part.first_row, part.rows}, left);
  if (status) left = transposed(left, rank_, part.rows);
  return status;
}

// r rows with a number for each column of the part: of A, or of B transposed.
Status LowRankEncoding::read_right(std::span<const ReadFile> files, const Rectangle& part,
                                   std::vector<float>& right) const {
  right.resize(rank_ * part.columns);
  if (update_.is_a_turned) {
    auto status =
        read_rectangle(files, update_.a, {part.first_column, part.columns, 0, rank_}, right);
    if (status) right = transposed(right, part.columns, rank_);
    return status;
  }
  if (!update_.transposed) {
    return read_rectangle(files, update_.a, {0, rank_, part.first_column, part.columns}, right);
  }
  auto status =
      read_rectangle(files, update_.b, {part.first_column, part.columns, 0, rank_}, right);
  if (status) right = transposed(right, part.columns, rank_);
  return status;
}

Status LowRankEncoding::decode_sum(std::span<const ReadFile> files, const Rectangle& part,
                                   std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0f);
  auto status = base_ ? read_rectangle(files, *base_, part, out) : Status();
  std::vector<float> left, right;
  if (status) status = read_left(files, part, left);
  if (status) status = read_right(files, part, right);
  if (!status) return status;
  for (uint64_t first = 0; first < part.columns; first += kStrip) {
    const uint64_t count = std::min(kStrip, part.columns - first);
    for (uint64_t r = 0; r < part.rows; ++r) {
      add_products(left.data() + r * rank_, right.data() + first, rank_, part.columns,
                   update_.scale, count, out.data() + r * part.columns + first);
    }
  }
  return {};
}

// The length of each output over all inputs, summed as double in storage order.
Status LowRankEncoding::measure(std::span<const ReadFile> files) const {
  const std::lock_guard lock(mutex_);
  if (!factors_.empty()) return {};
  const uint64_t rows = base_->shape[0], columns = base_->shape[1];
  const uint64_t outputs = update_.transposed ? columns : rows;
  std::vector<double> squares(outputs, 0.0);
  const uint64_t rows_at_once = std::max<uint64_t>(1, kMeasureElements / columns);
  std::vector<float> block;
  for (uint64_t first = 0; first < rows; first += rows_at_once) {
    const uint64_t count = std::min(rows_at_once, rows - first);
    block.resize(count * columns);
    auto status = decode_sum(files, {first, count, 0, columns}, block);
    if (!status) return status;
    for (uint64_t i = 0; i < block.size(); ++i) {
      const double value = block[i];
      squares[update_.transposed ? i % columns : first + i / columns] += value * value;
    }
  }
  std::vector<float> factors(outputs);
  auto status = read_rectangle(files, *update_.magnitudes, {0, 1, 0, outputs}, factors);
  if (!status) return status;
  for (uint64_t o = 0; o < outputs; ++o) {
    factors[o] /= static_cast<float>(std::sqrt(squares[o]));
  }
  factors_ = std::move(factors);
  return {};
}

Status LowRankEncoding::decode(std::span<const ReadFile> files, const Rectangle& part,
                               std::span<float> out) const {
  auto status = decode_sum(files, part, out);
  if (status && update_.magnitudes) status = measure(files);
  if (!status || !update_.magnitudes) return status;
  for (uint64_t r = 0; r < part.rows; ++r) {
    for (uint64_t c = 0; c < part.columns; ++c) {
      const uint64_t output = update_.transposed ? part.first_column + c : part.first_row + r;
      out[r * part.columns + c] *= factors_[output];
    }
  }
  return {};
}

}  // namespace wmk::checkpoint
