#include "embed/read/coordinates.h"

#include <cmath>

#include "base/simd.h"
#include "base/text.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::UnitGroup;

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

// 0 times NaN is NaN: what is not finite is taken out by hand.
void clear_absent(const Panel& panel, std::vector<float>& y) {
  for (size_t i = 0; i < y.size(); ++i) {
    if (panel.present[i % panel.units] == 0) y[i] = 0;
  }
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
    : anatomy_(anatomy),
      structures_(structures),
      width_(anatomy.width),
      no_gain_(anatomy.width, 1.0f) {
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

// y = P (w g), not yet divided by n; n itself.
void Projector::project_kind(const UnitBytes& block, Kind kind, uint64_t first, Scratch& scratch,
                             Panel& out) const {
  using stats::Op;
  const checkpoint::RawBlock& raw = block.raw[kind];
  std::span<const float> gain = gain_of(anatomy_, block.group, kind);
  if (gain.empty()) gain = no_gain_;
  const size_t count = out.units;
  out.y[kind].resize(columns_ * count);
  if (tiles_fit(raw, count, columns_)) {
    TileFrames& frames = kind == down ? scratch.tiles.out_frames : scratch.tiles.in_frames;
    frames.prepare(frames_, columns_, gain, raw.unit_major());
    return project_on_tiles(raw, first, count, gain, frames, scratch.tiles, out.y[kind],
                            out.n[kind]);
  }
  scratch.weights.resize(count * width_);
  raw.widen_panel(first, count, scratch.weights);
  fold(raw, gain, count, scratch.weights, out.n[kind]);
  const bool rows = raw.unit_major();
  stats::gemm(Op::plain, rows ? Op::transposed : Op::plain, columns_, count, width_, frames_.data(),
              width_, scratch.weights.data(), rows ? width_ : count, 0.0f, out.y[kind].data(),
              count);
}

void Projector::project(const UnitBytes& block, uint64_t first, uint64_t count, Scratch& scratch,
                        Panel& out) const {
  out.units = count;
  out.columns = columns_;
  out.gated = block.gated;
  out.present.assign(count, 1.0f);
  out.absent = out.not_finite = 0;
  for (Kind kind : kKinds) {
    if (block.has(kind)) project_kind(block, kind, first, scratch, out);
  }
  for (size_t u = 0; u < count; ++u) {
    bool finite = true, zero = false;
    for (Kind kind : kKinds) {
      if (!block.has(kind)) continue;
      finite = finite && std::isfinite(out.n[kind][u]);
      zero = zero || out.n[kind][u] == 0;
    }
    if (finite && !zero) continue;
    out.present[u] = 0;
    ++out.absent;
    out.not_finite += finite ? 0 : 1;
  }
  std::vector<float> inverse(count);
  for (Kind kind : kKinds) {
    if (!block.has(kind)) continue;
    for (size_t u = 0; u < count; ++u) {
      inverse[u] = out.present[u] > 0 ? 1.0f / out.n[kind][u] : 0.0f;
    }
    float* y = out.y[kind].data();
    for (size_t c = 0; c < columns_; ++c) stats::multiply(inverse.data(), count, y + c * count);
    if (out.not_finite > 0) clear_absent(out, out.y[kind]);
  }
}

}  // namespace wmk::embed
