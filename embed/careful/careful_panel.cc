#include "embed/careful/careful_panel.h"

#include <algorithm>
#include <cmath>

#include "stats/gemm.h"

namespace wmk::embed {

using neurons::RowScale;

namespace {

// Norms and norm weights in between are safe: no square overflows, and none that matters vanishes.
constexpr float kNormMin = 0x1p-40f, kNormMax = 0x1p40f;
constexpr float kWeightMin = 0x1p-60f, kWeightMax = 0x1p60f;

bool is_tame_weight(float w) {
  return w == 0 || (std::abs(w) >= kWeightMin && std::abs(w) <= kWeightMax);
}

bool is_tame_norm(float n) { return n >= kNormMin && n <= kNormMax; }

}  // namespace

CarefulPanels::CarefulPanels(const checkpoint::Anatomy& anatomy, const Projector& projector)
    : anatomy_(anatomy), projector_(projector) {
  for (const auto& weights : anatomy.norm_weights) {
    tame_weights_.push_back(std::all_of(weights.begin(), weights.end(), is_tame_weight));
  }
}

bool CarefulPanels::is_tame(size_t group, VectorKind kind) const {
  const auto& units = anatomy_.groups[group];
  const auto& index = kind == VectorKind::down ? units.out_norm : units.in_norm;
  return !index || tame_weights_[*index];
}

// Whether all coordinates are from a memo, and no vector would be projected again.
bool CarefulPanels::may_take(const UnitBytes& block) const {
  return std::all_of(kVectorKinds.begin(), kVectorKinds.end(), [&](VectorKind kind) {
    if (!block.has(kind)) return true;
    const BlockCoordinates* known = block.known[kind].get();
    return known != nullptr && is_tame(block.group, kind) &&
           std::all_of(known->n.begin(), known->n.end(), is_tame_norm);
  });
}

Status CarefulPanels::read(const checkpoint::Checkpoint& checkpoint,
                           const checkpoint::UnitBlock& part, const ScanMemo& memo,
                           UnitBytes& block) const {
  if (memo.memo != nullptr && memo.memo->has_block(checkpoint, anatomy_, part, memo.frames)) {
    Status status = block.read(checkpoint, anatomy_, part, memo);
    if (!status || may_take(block)) return status;
  }
  return block.read(checkpoint, anatomy_, part);
}

// Sets y (not clamped) and n of the units of one kind, and their scales.
void CarefulPanels::project_again(const UnitBytes& block, VectorKind kind, uint64_t first,
                                  const std::vector<uint32_t>& units, Panel& out,
                                  RowScale* scales) {
  using stats::Op;
  const size_t width = projector_.width(), columns = projector_.columns();
  neurons::widen_folded(block.raw[kind], norm_weight_of(anatomy_, block.group, kind), first,
                        out.units, wide_);
  rows_.resize(units.size() * width);
  for (size_t i = 0; i < units.size(); ++i) {
    const std::span<double> row(&wide_[units[i] * width], width);
    scales[units[i]] = neurons::take_scale(row);
    const RowScale& scale = scales[units[i]];
    const double factor =
        scale.finite() && !scale.zero() ? std::sqrt(static_cast<double>(width)) / scale.norm : 0;
    for (size_t c = 0; c < width; ++c) {
      rows_[i * width + c] = factor > 0 ? static_cast<float>(row[c] * factor) : 0.0f;
    }
  }
  y_.resize(columns * units.size());
  stats::gemm(Op::plain, Op::transposed, columns, units.size(), width, projector_.frames().data(),
              width, rows_.data(), width, 0.0f, y_.data(), units.size());
  for (size_t c = 0; c < columns; ++c) {
    for (size_t i = 0; i < units.size(); ++i) {
      out.y[kind][c * out.units + units[i]] = y_[c * units.size() + i];
    }
  }
}

void CarefulPanels::project(const UnitBytes& block, uint64_t first, uint64_t count, Panel& out,
                            PerKind<std::vector<RowScale>>& scales) {
  projector_.project(block, first, count, scratch_, out);
  const double root = std::sqrt(static_cast<double>(projector_.width()));
  std::vector<uint8_t> again(count);
  for (VectorKind kind : kVectorKinds) {
    if (!block.has(kind)) continue;
    const bool tame = is_tame(block.group, kind);
    for (size_t u = 0; u < count; ++u) {
      const float n = out.n[kind][u];
      scales[kind].push_back({n * root, 0});
      if (!tame || !is_tame_norm(n)) again[u] = 1;
    }
  }
  std::vector<uint32_t> units;
  for (uint32_t u = 0; u < count; ++u) {
    if (again[u]) units.push_back(u);
  }
  if (units.empty()) return;
  for (VectorKind kind : kVectorKinds) {
    if (!block.has(kind)) continue;
    project_again(block, kind, first, units, out, &scales[kind][scales[kind].size() - count]);
  }
  out.skipped = out.not_finite = 0;  // no other unit is skipped
  for (uint32_t u : units) {
    bool finite = true, zero = false;
    for (VectorKind kind : kVectorKinds) {
      if (!block.has(kind)) continue;
      const RowScale& scale = scales[kind][scales[kind].size() - count + u];
      finite = finite && scale.finite();
      zero = zero || scale.zero();
    }
    out.present[u] = finite && !zero ? 1.0f : 0.0f;
    out.skipped += finite && !zero ? 0 : 1;
    out.not_finite += finite ? 0 : 1;
  }
}

}  // namespace wmk::embed
