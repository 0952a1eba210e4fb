#include "embed/read/coordinates.h"

#include <cmath>

#include "base/simd.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;

// Folds the norm weight into one vector and returns its sum of squares, over a fixed number of
// lanes.
WMK_VECTORIZED float fold_row(const float* norm_weight, size_t width, float* row) {
  float lanes[kLanes] = {};
  size_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      const float x = row[j + k] * norm_weight[j + k];
      row[j + k] = x;
      lanes[k] += x * x;
    }
  }
  float sum = 0;
  for (; j < width; ++j) {
    row[j] *= norm_weight[j];
    sum += row[j] * row[j];
  }
  for (float lane : lanes) sum += lane;
  return sum;
}

// The same for one coordinate of many vectors: sums[u] += (row[u] * norm_weight)^2.
WMK_VECTORIZED void fold_column(float norm_weight, size_t units, float* row, float* sums) {
  for (size_t u = 0; u < units; ++u) {
    const float x = row[u] * norm_weight;
    row[u] = x;
    sums[u] += x * x;
  }
}

// 0 times NaN is NaN, so values that are not finite are set to zero explicitly.
void clear_skipped(const Panel& panel, std::vector<float>& y) {
  for (size_t i = 0; i < y.size(); ++i) {
    if (panel.present[i % panel.units] == 0) y[i] = 0;
  }
}

// Folds a widened panel in place and computes n of each vector.
void fold(const checkpoint::RawBlock& raw, std::span<const float> norm_weight, size_t units,
          std::vector<float>& panel, std::vector<float>& n) {
  const size_t width = raw.width();
  n.assign(units, 0.0f);
  if (raw.unit_major()) {
    for (size_t u = 0; u < units; ++u)
      n[u] = fold_row(norm_weight.data(), width, &panel[u * width]);
  } else {
    for (size_t j = 0; j < width; ++j)
      fold_column(norm_weight[j], units, &panel[j * units], n.data());
  }
  for (float& value : n) value = std::sqrt(value / static_cast<float>(width));
}

}  // namespace

Projector::Projector(const Anatomy& anatomy, const std::vector<Structure>& structures)
    : anatomy_(anatomy),
      structures_(structures),
      width_(anatomy.width),
      unit_weight_(anatomy.width, 1.0f) {
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

// Sets y = P (w g), not yet divided by n, and n itself: as known, or computed.
void Projector::project_kind(const UnitBytes& block, VectorKind kind, uint64_t first,
                             Scratch& scratch, Panel& out) const {
  if (const BlockCoordinates* known = block.known[kind].get()) {
    const auto y = known->y.begin() + static_cast<std::ptrdiff_t>(columns_ * first);
    const auto n = known->n.begin() + static_cast<std::ptrdiff_t>(first);
    out.y[kind].assign(y, y + static_cast<std::ptrdiff_t>(columns_ * out.units));
    out.n[kind].assign(n, n + static_cast<std::ptrdiff_t>(out.units));
    return;
  }
  compute_kind(block, kind, first, scratch, out);
  if (BlockCoordinates* kept = block.kept[kind].get()) {
    if (first == 0) kept->y.reserve(columns_ * block.units());
    kept->y.insert(kept->y.end(), out.y[kind].begin(), out.y[kind].end());
    kept->n.insert(kept->n.end(), out.n[kind].begin(), out.n[kind].end());
  }
}

void Projector::compute_kind(const UnitBytes& block, VectorKind kind, uint64_t first,
                             Scratch& scratch, Panel& out) const {
  using stats::Op;
  const checkpoint::RawBlock& raw = block.raw[kind];
  std::span<const float> norm_weight = norm_weight_of(anatomy_, block.group, kind);
  if (norm_weight.empty()) norm_weight = unit_weight_;
  const size_t count = out.units;
  out.y[kind].resize(columns_ * count);
  if (fits_bf16(raw, count, columns_)) {
    FoldedFrames& frames =
        kind == VectorKind::down ? scratch.bf16.out_frames : scratch.bf16.in_frames;
    frames.fold(frames_, columns_, width_, norm_weight, raw.unit_major(),
                stats::TilePrecision::one_term);
    return project_bf16(raw, first, count, norm_weight, frames, scratch.bf16.stored, out.y[kind],
                        out.n[kind]);
  }
  scratch.weights.resize(count * width_);
  raw.widen_panel(first, count, scratch.weights);
  fold(raw, norm_weight, count, scratch.weights, out.n[kind]);
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
  out.skipped = out.not_finite = 0;
  for (VectorKind kind : kVectorKinds) {
    if (block.has(kind)) project_kind(block, kind, first, scratch, out);
  }
  for (size_t u = 0; u < count; ++u) {
    bool finite = true, zero = false;
    for (VectorKind kind : kVectorKinds) {
      if (!block.has(kind)) continue;
      finite = finite && std::isfinite(out.n[kind][u]);
      zero = zero || out.n[kind][u] == 0;
    }
    if (finite && !zero) continue;
    out.present[u] = 0;
    ++out.skipped;
    out.not_finite += finite ? 0 : 1;
  }
  std::vector<float> inverse(count);
  for (VectorKind kind : kVectorKinds) {
    if (!block.has(kind)) continue;
    for (size_t u = 0; u < count; ++u) {
      inverse[u] = out.present[u] > 0 ? 1.0f / out.n[kind][u] : 0.0f;
    }
    float* y = out.y[kind].data();
    for (size_t c = 0; c < columns_; ++c) stats::multiply(inverse.data(), count, y + c * count);
    if (out.not_finite > 0) clear_skipped(out, out.y[kind]);
  }
}

}  // namespace wmk::embed
