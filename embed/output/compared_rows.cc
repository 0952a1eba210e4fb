#include "embed/output/compared_rows.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using stats::Op;

// The mean of n independent errors of at most b is shorter than this / sqrt(n) times b, except with
// a probability below e^-700.
constexpr double kMeanReach = 20;
// What rounding of all rows may do to the unit of length, and floats to a distance.
constexpr double kUnitReach = 1e-3;

}  // namespace

WipedVector<int8_t> without(const std::vector<uint8_t>& flags, WipedVector<int8_t> directions) {
  const size_t width = flags.size();
  for (size_t i = 0; i < directions.size(); ++i) {
    if (flags[i % width] != 0) directions[i] = 0;
  }
  for (size_t column = 0; column < width; ++column) {
    if (flags[column] == 0) continue;
    directions.resize(directions.size() + width);
    directions[directions.size() - width + column] = 1;
  }
  return directions;
}

WipedVector<float> basis_of(std::span<const int8_t> directions, size_t width) {
  WipedVector<float> out;
  WipedVector<double> basis, row(width);
  for (size_t at = 0; at + width <= directions.size(); at += width) {
    for (size_t j = 0; j < width; ++j) row[j] = directions[at + j];
    // Twice, so that rounding does not count.
    for (int round = 0; round < 2; ++round) {
      for (size_t b = 0; b < basis.size(); b += width) {
        double dot = 0;
        for (size_t j = 0; j < width; ++j) dot += row[j] * basis[b + j];
        for (size_t j = 0; j < width; ++j) row[j] -= dot * basis[b + j];
      }
    }
    double square = 0;
    for (const double each : row) square += each * each;
    if (square < 1e-6 * static_cast<double>(width)) continue;
    for (const double each : row) basis.push_back(each / std::sqrt(square));
  }
  out.assign(basis.begin(), basis.end());
  return out;
}

Result<ComparedRows> ComparedRows::open(const HeadRows& rows, const View& view, unsigned threads) {
  auto scale = column_scale(rows, threads);
  if (!scale) return std::move(scale).error();
  // Which rows of a marked head are that long may depend on its mark.
  if (view.rounding > 0 && std::count(scale->used.begin(), scale->used.end(), 0) > 0) {
    return Error(ErrorCode::unsupported,
                 "the output head of the release has rows 100 times as long as its median row");
  }
  ComparedRows out(rows, view, *std::move(scale));
  double square = 0;  // of the typical row, at most
  for (size_t j = 0; j < rows.width(); ++j) {
    const double mean = out.scale_.mean[j], factor = out.scale_.factor[j];
    square += mean * mean + (factor > 0 ? 4 / (factor * factor) : 0);
  }
  out.mean_reach_ = kMeanReach * std::sqrt(square / static_cast<double>(rows.rows()));
  if (Status status = out.set_unit(threads); !status) return std::move(status).error();
  return out;
}

// The geometric mean of the lengths, so that a few long rows do not count.
Status ComparedRows::set_unit(unsigned threads) {
  std::vector<Buffers> buffers(std::max(1u, threads));
  std::vector<std::pair<double, uint64_t>> parts(rows_.blocks());
  Status status = parallel_for(rows_.blocks(), threads, [&](size_t block, unsigned w) {
    const uint64_t count = rows_.count(block);
    std::vector<float> out(count * width()), squares(count), reach(count);
    Status read =
        this->read(rows_.first(block), count, buffers[w], out.data(), squares.data(), reach.data());
    for (const float square : squares) {
      if (!(square > 0)) continue;
      parts[block].first += std::log(static_cast<double>(square)) / 2;
      ++parts[block].second;
    }
    return read;
  });
  double sum = 0;
  uint64_t count = 0;
  for (const auto& [logs, rows] : parts) {
    sum += logs;
    count += rows;
  }
  if (count > 0) unit_ = std::exp(sum / static_cast<double>(count));
  return status;
}

Status ComparedRows::read(uint64_t first, uint64_t count, Buffers& buffers, float* out,
                          float* squares, float* reach) const {
  const size_t own = rows_.width(), width = view_.width;
  buffers.values.resize(count * own);
  float* values = buffers.values.data();
  Status status = rows_.read(first, count, buffers.raw, values, buffers.finite);
  if (!status) return status;
  for (uint64_t i = 0; i < count; ++i) {
    float* row = values + i * own;
    reach[i] = static_cast<float>(
        2 * view_.rounding * (std::sqrt(stats::sum_of_squares(row, own)) + mean_reach_) / unit_);
    const bool is_used = buffers.finite[i] != 0 && scale_.used[first + i] != 0;
    for (size_t j = 0; j < own; ++j) row[j] = is_used ? row[j] - scale_.mean[j] : 0.0f;
  }
  if (view_.turn != nullptr) {
    stats::gemm(Op::plain, Op::plain, count, width, own, values, own, view_.turn->data(), width,
                0.0f, out, width);
  } else {
    std::copy_n(values, count * width, out);
  }
  if (const size_t off = view_.off == nullptr ? 0 : view_.off->size() / width; off > 0) {
    buffers.product.resize(count * off);
    stats::gemm(Op::plain, Op::transposed, count, off, width, out, width, view_.off->data(), width,
                0.0f, buffers.product.data(), off);
    for (float& each : buffers.product) each = -each;
    stats::gemm(Op::plain, Op::plain, count, width, off, buffers.product.data(), off,
                view_.off->data(), width, 1.0f, out, width);
  }
  for (uint64_t i = 0; i < count; ++i) {
    float* row = out + i * width;
    for (size_t j = 0; j < width; ++j) row[j] /= static_cast<float>(unit_);
    squares[i] = static_cast<float>(stats::sum_of_squares(row, width));
    if (view_.rounding > 0) {
      reach[i] += static_cast<float>(2 * kUnitReach * (1 + std::sqrt(squares[i])));
    }
  }
  return {};
}

}  // namespace wmk::embed
