#include "embed/read/sketch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/simd.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr float kClamp = 4.0f;

WMK_VECTORIZED void clamp_all(float* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = std::min(std::max(values[i], -kClamp), kClamp);
}

}  // namespace

Sketch::Sketch(const Structure& structure) {
  for (auto& sums : sums_) sums.resize(structure.entries());
}

void Sketch::add(VectorKind kind, const std::vector<float>& v) {
  stats::add_fixed_point(v.data(), sums_[kind].size(), kSketchUnit, sums_[kind].data());
}

void Sketch::merge(const Sketch& other) {
  for (VectorKind kind : kVectorKinds) {
    stats::add(other.sums_[kind].data(), sums_[kind].size(), sums_[kind].data());
  }
}

std::vector<double> Sketch::matrix(VectorKind kind) const {
  std::vector<double> out(sums_[kind].begin(), sums_[kind].end());
  for (double& value : out) value /= kSketchUnit;
  return out;
}

SketchSet::SketchSet(const std::vector<Structure>& structures) {
  for (const Structure& structure : structures) {
    sketches_.insert(sketches_.end(), kTagRules.size(), Sketch(structure));
  }
  energies_.resize(structures.size());
}

void SketchSet::merge(const SketchSet& other) {
  for (size_t i = 0; i < sketches_.size(); ++i) sketches_[i].merge(other.sketches_[i]);
  for (size_t s = 0; s < energies_.size(); ++s) {
    for (VectorKind kind : kVectorKinds) energies_[s][kind] += other.energies_[s][kind];
  }
  weights += other.weights;
  bytes += other.bytes;
  skipped += other.skipped;
  not_finite += other.not_finite;
}

double SketchSet::energy(size_t structure, VectorKind kind) const {
  return static_cast<double>(energies_[structure][kind]) / kEnergyUnit;
}

void SketchWorker::absorb(const Projector& projector, const UnitBytes& block, SketchSet& out,
                          SketchSet* exchanged) {
  for (uint64_t first = 0; first < block.units(); first += checkpoint::kPanelUnits) {
    const uint64_t count = std::min(checkpoint::kPanelUnits, block.units() - first);
    projector.project(block, first, count, scratch_, panel_);
    for (VectorKind kind : kVectorKinds) {
      if (block.has(kind)) clamp_all(panel_.y[kind].data(), panel_.y[kind].size());
    }
    absorb_panel(projector, block, out);
    if (exchanged == nullptr) continue;
    if (block.gated) std::swap(panel_.y[VectorKind::gate], panel_.y[VectorKind::up]);
    absorb_panel(projector, block, *exchanged);
  }
  out.bytes += block.bytes_read();
}

void SketchWorker::absorb_panel(const Projector& projector, const UnitBytes& block,
                                SketchSet& out) {
  const size_t count = panel_.units;
  for (size_t s = 0; s < projector.structures().size(); ++s) {
    const Sizes& sizes = projector.structures()[s].sizes;
    std::array<PerKind<std::vector<float>>, kTagRules.size()> factors;
    for (TagRule rule : kTagRules) {
      factors[static_cast<size_t>(rule)] = tag_factors_of(projector, s, panel_, rule);
    }
    for (VectorKind kind : kVectorKinds) {
      if (!block.has(kind)) continue;
      const float* y = &panel_.y[kind][projector.column(s) * count];
      out.energies_[s][kind] +=
          std::llround(stats::sum_of_squares(y, sizes.r * count) * kEnergyUnit);
      multiplier_.set_coordinates(y, sizes.r, count);
      for (TagRule rule : kTagRules) {
        make_tags(projector, s, panel_, factors[static_cast<size_t>(rule)], kind, tags_);
        multiplier_.multiply(tags_, sizes.m, product_);
        out.sketches_[SketchSet::index(s, rule)].add(kind, product_);
      }
    }
  }
  const size_t kinds = block.gated ? kVectorKindCount : kVectorKindCount - 1;
  out.weights += count * projector.width() * kinds;
  out.skipped += panel_.skipped;
  out.not_finite += panel_.not_finite;
}

}  // namespace wmk::embed
