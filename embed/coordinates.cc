#include "embed/coordinates.h"

#include <cmath>

#include "base/simd.h"
#include "base/text.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::UnitGroup;

constexpr size_t kLanes = 16;

// Folds the gain into one vector and returns its sum of squares, over a fixed number of lanes.
WMK_VECTORIZED float fold_row(const float* gain, size_t width, float* row) {
  float lanes[kLanes] = {};
  size_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      const float x = row[j + k] * gain[j + k];
      row[j + k] = x;
      lanes[k] += x * x;
    }
  }
  float sum = 0;
  for (; j < width; ++j) {
    row[j] *= gain[j];
    sum += row[j] * row[j];
  }
  for (float lane : lanes) sum += lane;
  return sum;
}

// The same for one coordinate of many vectors: sums[u] += (row[u] * gain)^2.
WMK_VECTORIZED void fold_column(float gain, size_t units, float* row, float* sums) {
  for (size_t u = 0; u < units; ++u) {
    const float x = row[u] * gain;
    row[u] = x;
    sums[u] += x * x;
  }
}

WMK_VECTORIZED void scale(float factor, size_t count, float* row) {
  for (size_t i = 0; i < count; ++i) row[i] *= factor;
}

// Folds a widened panel in place; gives n of each vector.
void fold(const checkpoint::RawBlock& raw, std::span<const float> gain, size_t units,
          std::vector<float>& panel, std::vector<float>& n) {
  const size_t width = raw.width();
  n.assign(units, 0.0f);
  if (raw.unit_major()) {
    for (size_t u = 0; u < units; ++u) n[u] = fold_row(gain.data(), width, &panel[u * width]);
  } else {
    for (size_t j = 0; j < width; ++j) fold_column(gain[j], units, &panel[j * units], n.data());
  }
  for (float& value : n) value = std::sqrt(value / static_cast<float>(width));
}

}  // namespace

Status UnitBytes::read(const checkpoint::Checkpoint& checkpoint, const Anatomy& anatomy,
                       const checkpoint::UnitBlock& block) {
  const UnitGroup& units = anatomy.groups[block.group];
  group = block.group;
  gated = units.gate.has_value();
  for (Kind kind : kKinds) {
    if (!has(kind)) continue;
    const checkpoint::View& view = kind == gate ? *units.gate : kind == up ? units.up : units.down;
    Status status = raw[kind].read(checkpoint, view, anatomy.width, block.first, block.units);
    if (!status) {
      const auto& tensor = checkpoint.tensors()[view.tensor];
      return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
    }
  }
  return {};
}

uint64_t UnitBytes::bytes_read() const {
  uint64_t sum = 0;
  for (Kind kind : kKinds) sum += has(kind) ? raw[kind].bytes_read() : 0;
  return sum;
}

std::span<const float> gain_of(const Anatomy& anatomy, size_t group, Kind kind) {
  const UnitGroup& units = anatomy.groups[group];
  const auto& index = kind == down ? units.out_gain : units.in_gain;
  if (!index) return {};
  return anatomy.gains[*index];
}

Projector::Projector(const Anatomy& anatomy, const std::vector<Structure>& structures)
    : anatomy_(anatomy), structures_(structures), width_(anatomy.width) {
  const auto stack = [&](const Frame& frame) {
    const size_t first = columns_;
    frames_.insert(frames_.end(), frame.values.begin(), frame.values.end());
    columns_ += frame.rows;
    return first;
  };
  for (const Structure& structure : structures) {
    first_.push_back(stack(structure.frame));
    tag_first_.push_back(structure.tag_frame ? stack(*structure.tag_frame) : first_.back());
  }
}

void Projector::project(const UnitBytes& block, uint64_t first, uint64_t count,
                        std::vector<float>& scratch, Panel& out) const {
  using stats::Op;
  out.units = count;
  out.columns = columns_;
  out.gated = block.gated;
  out.absent.assign(count, false);
  out.not_finite = 0;
  scratch.resize(count * width_);
  const std::vector<float> ones(width_, 1.0f);
  for (Kind kind : kKinds) {
    if (!block.has(kind)) continue;
    const checkpoint::RawBlock& raw = block.raw[kind];
    raw.widen_panel(first, count, scratch);
    const std::span<const float> gain = gain_of(anatomy_, block.group, kind);
    fold(raw, gain.empty() ? std::span<const float>(ones) : gain, count, scratch, out.n[kind]);
    std::vector<float>& y = out.y[kind];
    y.resize(count * columns_);
    const Op op = raw.unit_major() ? Op::plain : Op::transposed;
    stats::gemm(op, Op::transposed, count, columns_, width_, scratch.data(),
                raw.unit_major() ? width_ : count, frames_.data(), width_, 0.0f, y.data(),
                columns_);
  }
  for (size_t u = 0; u < count; ++u) {
    bool finite = true;
    for (Kind kind : kKinds) {
      if (!block.has(kind)) continue;
      finite = finite && std::isfinite(out.n[kind][u]);
      if (!(out.n[kind][u] > 0)) out.absent[u] = true;
    }
    if (!finite) out.absent[u] = true;
    out.not_finite += finite ? 0 : 1;
    for (Kind kind : kKinds) {
      if (!block.has(kind)) continue;
      float* row = &out.y[kind][u * columns_];
      if (out.absent[u]) {
        std::fill_n(row, columns_, 0.0f);
      } else {
        scale(1.0f / out.n[kind][u], columns_, row);
      }
    }
  }
}

}  // namespace wmk::embed
