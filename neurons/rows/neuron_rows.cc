#include "neurons/rows/neuron_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/parallel.h"
#include "base/simd.h"
#include "base/text.h"
#include "base/transpose.h"
#include "checkpoint/layout/unit_block.h"
#include "stats/bf16/operands.h"
#include "stats/vectors.h"

namespace wmk::neurons {

namespace {

const checkpoint::View& view_of(const checkpoint::UnitGroup& units, RowKind kind) {
  if (kind == RowKind::down) return units.down;
  return kind == RowKind::gate && units.gate ? *units.gate : units.up;
}

// Rows [first, first + count) with columns of zeros up to `depth`; a copy in `filled` if there are
// any.
std::span<const float> with_zeros(const Rows& rows, size_t first, size_t count, size_t depth,
                                  std::vector<float>& filled) {
  if (depth == rows.width) return {rows.row(first), count * depth};
  filled.assign(count * depth, 0.0f);
  for (size_t i = 0; i < count; ++i) {
    std::copy_n(rows.row(first + i), rows.width, &filled[i * depth]);
  }
  return filled;
}

stats::RowProducts products_with(const Rows& b, size_t depth, stats::TilePrecision precision,
                                 unsigned threads) {
  std::vector<float> filled;
  return {with_zeros(b, 0, b.count, depth, filled), b.count, depth, precision, threads};
}

constexpr uint32_t kMagnitudeBits = 0x7FFFFFFF, kInfinityBits = 0x7F800000;

// The largest magnitude, as stored: bits of magnitudes have their order, and NaN is above infinity.
WMK_VECTORIZED uint32_t largest_bits(const float* values, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]) & kMagnitudeBits;
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

}  // namespace

Products::Products(const Rows& b, stats::TilePrecision precision, unsigned threads)
    : depth_(stats::whole_tiles(b.width)),
      products_(products_with(b, depth_, precision, threads)) {}

void Products::of(const Rows& a, size_t first, size_t count, Rows& out) const {
  std::vector<float> filled;
  products_.of(with_zeros(a, first, count, depth_, filled), count, 1, out.values);
  out.count = count;
  out.width = products_.rows();
  const size_t stride = products_.stride();
  for (size_t i = 1; i < count && stride != out.width; ++i) {
    std::copy_n(&out.values[i * stride], out.width, out.row(i));
  }
  out.values.resize(count * out.width);
}

Status read_view(const checkpoint::Checkpoint& checkpoint, const checkpoint::View& view,
                 uint64_t width, uint64_t first, uint64_t count, Rows& out) {
  checkpoint::RawBlock raw;
  Status status = raw.read(checkpoint, view, width, first, count);
  if (!status) {
    const auto& name = checkpoint.tensors()[view.tensor].name;
    return std::move(status).error().within(cat("tensor '", escaped(name), "'"));
  }
  out.count = count;
  out.width = width;
  out.values.resize(count * width);
  if (raw.unit_major()) {
    raw.widen_panel(0, count, out.values);
    return {};
  }
  std::vector<float> columns(count * width);
  raw.widen_panel(0, count, columns);
  transpose(columns, width, count, out.values);
  return {};
}

void remove_scale(Rows& rows, std::vector<int>& exponents) {
  exponents.assign(rows.count, 0);
  for (size_t i = 0; i < rows.count; ++i) {
    float* row = rows.row(i);
    const uint32_t bits = largest_bits(row, rows.width);
    if (bits == 0 || bits >= kInfinityBits) {
      std::fill_n(row, rows.width, 0.0f);
      continue;
    }
    std::frexp(std::bit_cast<float>(bits), &exponents[i]);
    const double factor = std::ldexp(1.0, -exponents[i]);
    const auto narrow = static_cast<float>(factor);
    if (static_cast<double>(narrow) == factor) {
      stats::scale(narrow, rows.width, row);
      continue;
    }
    for (size_t c = 0; c < rows.width; ++c) row[c] = static_cast<float>(row[c] * factor);
  }
}

Status read_rows(const Model& model, size_t group, RowKind kind, uint64_t first, uint64_t count,
                 Rows& out, std::vector<int>& exponents) {
  const checkpoint::Anatomy& anatomy = *model.anatomy;
  const checkpoint::UnitGroup& units = anatomy.groups[group];
  Status status =
      read_view(*model.checkpoint, view_of(units, kind), anatomy.width, first, count, out);
  if (!status) return status;
  remove_scale(out, exponents);
  const auto& norm = kind == RowKind::down ? units.out_norm : units.in_norm;
  if (!norm) return {};
  const std::vector<float>& weights = anatomy.norm_weights[*norm];
  for (size_t i = 0; i < count; ++i) stats::multiply(weights.data(), out.width, out.row(i));
  return {};
}

void normalise(Rows& rows, unsigned threads) {
  (void)parallel_for(rows.count, threads, [&](size_t i, unsigned) -> Status {
    const double squares = stats::sum_of_squares(rows.row(i), rows.width);
    const bool usable = squares > 0 && std::isfinite(squares);
    if (usable) stats::scale(static_cast<float>(1 / std::sqrt(squares)), rows.width, rows.row(i));
    if (!usable) std::fill_n(rows.row(i), rows.width, 0.0f);
    return {};
  });
}

Status read_matrix_rows(const checkpoint::Checkpoint& checkpoint, size_t tensor, uint64_t width,
                        uint64_t first, uint64_t count, Rows& out) {
  return read_view(checkpoint, {tensor, 0, width, 1}, width, first, count, out);
}

}  // namespace wmk::neurons
