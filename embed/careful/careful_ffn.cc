#include "embed/careful/careful_ffn.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "neurons/careful/merge.h"
#include "stats/gemm.h"

namespace wmk::embed {

using neurons::Clusters;
using neurons::MemberRows;

CarefulFfn::CarefulFfn(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                       const Projector& projector, ScanMemo memo)
    : checkpoint_(checkpoint),
      anatomy_(anatomy),
      projector_(projector),
      memo_(memo),
      projection_(anatomy, projector) {}

neurons::VectorSource CarefulFfn::source(VectorKind kind) const {
  const auto& units = anatomy_.groups[group_];
  return {&checkpoint_, view_of(units, kind), units.units, anatomy_.width,
          norm_weight_of(anatomy_, group_, kind)};
}

Status CarefulFfn::read(size_t group, Progress* progress) {
  group_ = group;
  const size_t units = anatomy_.groups[group].units;
  gated_ = anatomy_.groups[group].gate.has_value();
  skipped_ = not_finite_ = bytes_ = 0;
  present_.clear();
  multiplicity_.assign(units, 1);
  signs_ = neurons::GateSigns(projector_.structures()[0].sizes.r);
  for (VectorKind kind : kVectorKinds) scales_[kind].clear();
  panels_.resize(units, projector_.columns(), gated_);
  for (const auto& part : checkpoint::blocks_of(checkpoint_, anatomy_, group)) {
    Status status = projection_.read(checkpoint_, part, memo_, block_);
    if (!status) return status;
    for (uint64_t first = 0; first < part.units; first += checkpoint::kPanelUnits) {
      const uint64_t count = std::min(checkpoint::kPanelUnits, part.units - first);
      Panel& panel = panels_.panel_of(part.first + first);
      projection_.project(block_, first, count, panel, scales_);
      note_panel(panel);
    }
    bytes_ += block_.bytes_read();
    if (progress) progress->advance(block_.bytes_read());
  }
  strength_.resize(units);
  for (size_t u = 0; u < units; ++u) {
    strength_[u] = scales_[VectorKind::up][u].log2() + scales_[VectorKind::down][u].log2();
  }
  return {};
}

void CarefulFfn::note_panel(const Panel& panel) {
  const VectorKind compared = gated_ ? VectorKind::gate : VectorKind::up;
  const size_t rows = projector_.structures()[0].sizes.r;
  const float* y = &panel.y[compared][projector_.column(0) * panel.units];
  signs_.append({y, rows * panel.units}, panel.units);
  for (float present : panel.present) present_.push_back(present > 0 ? 1 : 0);
  skipped_ += panel.skipped;
  not_finite_ += panel.not_finite;
}

// The unit no longer counts: it is part of another.
void CarefulFfn::clear(size_t unit) {
  present_[unit] = 0;
  panels_.clear(unit);
}

Result<Clusters> CarefulFfn::find_clusters() {
  const VectorKind compared = gated_ ? VectorKind::gate : VectorKind::up;
  const auto pairs = neurons::likely_pairs(signs_, present_);
  const neurons::GateCoordinates coordinates{
      projector_.structures()[0].sizes.r, [&](size_t coordinate, uint32_t unit) {
        return panels_.y(compared, projector_.column(0) + coordinate, unit);
      }};
  if (coordinates.are_enough()) return neurons::same_gate(coordinates, pairs);
  return neurons::same_gate(source(compared), scales_[compared], pairs);
}

Status CarefulFfn::merge() {
  auto clusters = find_clusters();
  if (!clusters) return std::move(clusters).error();
  if (clusters->empty()) return {};
  std::vector<uint32_t> members;
  for (const auto& cluster : *clusters)
    members.insert(members.end(), cluster.begin(), cluster.end());
  std::vector<double> strengths;
  for (uint32_t unit : members) strengths.push_back(strength_[unit]);
  const MemberRows ups(source(VectorKind::up), members, scales_[VectorKind::up]);
  const MemberRows downs(source(VectorKind::down), members, scales_[VectorKind::down]);
  auto merged = neurons::merge(*clusters, ups, downs, strengths);
  if (!merged) return std::move(merged).error();

  std::vector<std::vector<double>> of_up, of_down;
  for (size_t c = 0; c < clusters->size(); ++c) {
    const auto& cluster = (*clusters)[c];
    // The gate is that of the first; up and down follow below.
    for (size_t i = (*merged)[c].up.empty() ? 0 : 1; i < cluster.size(); ++i) clear(cluster[i]);
    multiplicity_[cluster[0]] = static_cast<uint32_t>(cluster.size());
    strength_[cluster[0]] = (*merged)[c].log2_strength;
    of_up.push_back(std::move((*merged)[c].up));
    of_down.push_back(std::move((*merged)[c].down));
  }
  Status status = project_merged(VectorKind::up, *clusters, ups, of_up);
  return status ? project_merged(VectorKind::down, *clusters, downs, of_down) : status;
}

// Computes the coordinates of the merged vectors from their rows, which need not be near those of
// their members.
Status CarefulFfn::project_merged(VectorKind kind, const Clusters& clusters, const MemberRows& rows,
                                  const std::vector<std::vector<double>>& coefficients) {
  using stats::Op;
  const size_t columns = projector_.columns(), width = projector_.width();
  const size_t count = clusters.size();
  std::vector<float> y(columns * count), merged;
  std::vector<double> row, squares(count);
  Status status = rows.for_each_slice([&](const MemberRows::Slice& slice) {
    merged.assign(count * slice.columns, 0.0f);
    for (size_t c = 0, member = 0; c < count; member += clusters[c++].size()) {
      row.assign(slice.columns, 0.0);
      for (size_t i = 0; i < coefficients[c].size(); ++i) {
        const double* from = slice.row(member + i);
        for (size_t j = 0; j < row.size(); ++j) row[j] += coefficients[c][i] * from[j];
      }
      for (size_t j = 0; j < row.size(); ++j) {
        squares[c] += row[j] * row[j];
        merged[c * row.size() + j] = static_cast<float>(row[j]);
      }
    }
    stats::gemm(Op::plain, Op::transposed, columns, count, slice.columns,
                projector_.frames().data() + slice.first, width, merged.data(), slice.columns, 1.0f,
                y.data(), count);
  });
  if (!status) return status;
  for (size_t c = 0; c < count; ++c) {
    const double scale = squares[c] > 0 ? std::sqrt(static_cast<double>(width) / squares[c]) : 0;
    for (size_t k = 0; k < columns; ++k) {
      panels_.y(kind, k, clusters[c][0]) = static_cast<float>(y[k * count + c] * scale);
    }
  }
  return {};
}

Bands CarefulFfn::counted() {
  Bands out;
  band_.resize(present_.size());
  for (size_t u = 0; u < present_.size(); ++u) {
    if (!present_[u]) continue;
    band_[u] = band_of(strength_[u]);
    Band& band = out[band_[u]];
    ++band.count;
    if (multiplicity_[u] > 1) band.merged += multiplicity_[u];
  }
  return out;
}

// The band of all units of the panel, if they are in one.
std::optional<int> CarefulFfn::only_band(const Panel& panel, size_t first) const {
  std::optional<int> only;
  for (size_t u = first; u < first + panel.units; ++u) {
    if (!present_[u]) continue;
    if (only && *only != band_[u]) return std::nullopt;
    only = band_[u];
  }
  return only;
}

void CarefulFfn::sketch(Bands& bands) {
  std::map<int, std::vector<uint32_t>> mixed;  // units of panels with several bands
  for (size_t p = 0; p < panels_.count(); ++p) {
    const size_t first = p * checkpoint::kPanelUnits;
    const auto only = only_band(panels_.panel(p), first);
    if (only && bands[*only].sketches) {
      sketcher_.absorb(projector_, panels_.panel(p), *bands[*only].sketches);
    }
    if (only) continue;
    for (uint32_t u = first; u < first + panels_.panel(p).units; ++u) {
      if (present_[u]) mixed[band_[u]].push_back(u);
    }
  }
  const uint64_t vectors = gated_ ? kVectorKindCount : kVectorKindCount - 1;
  for (auto& [number, band] : bands) {
    if (!band.sketches) continue;
    const std::span<const uint32_t> units = mixed[number];
    for (size_t first = 0; first < units.size(); first += checkpoint::kPanelUnits) {
      const size_t count = std::min<size_t>(checkpoint::kPanelUnits, units.size() - first);
      panels_.gather(units.subspan(first, count), gathered_);
      sketcher_.absorb(projector_, gathered_, *band.sketches);
    }
    band.sketches->weights = band.count * vectors * projector_.width();
    band.limited = band.sketches->limit_length(projector_.structures());
  }
}

}  // namespace wmk::embed
