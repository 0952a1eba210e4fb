#include "embed/read/sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/simd.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr float kClamp = 4.0f;
// A part whose square is this many times that of a random sum holds repeated neurons; sums of
// independent ones are a little longer, too.
constexpr double kNoticed = 2;

WMK_VECTORIZED void clamp_all(float* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = std::min(std::max(values[i], -kClamp), kClamp);
}

// Scales `rows` coordinates of each unit to a mean square of 1; zero stays zero.
void set_frame_length(float* y, size_t rows, size_t units) {
  std::vector<float> factors(units);
  for (size_t c = 0; c < rows; ++c) {
    for (size_t u = 0; u < units; ++u) factors[u] += y[c * units + u] * y[c * units + u];
  }
  for (float& factor : factors) {
    factor = factor > 0 ? std::sqrt(static_cast<float>(rows) / factor) : 0.0f;
  }
  for (size_t c = 0; c < rows; ++c) stats::multiply(factors.data(), units, y + c * units);
}

void set_frame_lengths(const Projector& projector, Panel& panel) {
  for (size_t s = 0; s < projector.structures().size(); ++s) {
    const Structure& structure = projector.structures()[s];
    if (!structure.uses_frame_length) continue;
    for (VectorKind kind : kVectorKinds) {
      if (!panel.has(kind)) continue;
      float* y = panel.y[kind].data();
      set_frame_length(y + projector.column(s) * panel.units, structure.frame.rows, panel.units);
      if (!structure.tag_frame) continue;
      set_frame_length(y + projector.tag_column(s) * panel.units, structure.tag_frame->rows,
                       panel.units);
    }
  }
}

// Sum over the open entries of V^2.
double open_squares(const Structure& structure, VectorKind kind, const std::vector<int64_t>& sums) {
  const auto square = [&](size_t e) {
    const double v = static_cast<double>(sums[e]) / kSketchUnit;
    return v * v;
  };
  double sum = stats::sum_of_squares(sums.data(), sums.size()) / (kSketchUnit * kSketchUnit);
  if (!structure.closes_entries()) return sum;
  for (size_t j = 0; j < structure.pairs[kind].size(); ++j) {
    const TagPair& pair = structure.pairs[kind][j];
    sum -= square(j * structure.sizes.r + pair.a) + square(j * structure.sizes.r + pair.b);
  }
  return sum;
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

void Sketch::scale(VectorKind kind, double factor) {
  stats::scale_fixed_point(factor, sums_[kind].size(), sums_[kind].data());
}

bool SketchSet::limit_length(const std::vector<Structure>& structures) {
  bool any = false;
  for (size_t s = 0; s < structures.size(); ++s) {
    const Sizes& sizes = structures[s].sizes;
    const double open = static_cast<double>(open_entries(sizes, structures[s].role)) /
                        static_cast<double>(structures[s].entries());
    for (VectorKind kind : kVectorKinds) {
      if (structures[s].unscored == kind) continue;
      const double length2 = energy(s, kind) * static_cast<double>(sizes.m) * open;
      for (TagRule rule : kTagRules) {
        Sketch& sketch = sketches_[index(s, rule)];
        const double squared = open_squares(structures[s], kind, sketch.sums(kind));
        if (squared <= length2) continue;
        sketch.scale(kind, std::sqrt(length2 / squared));
        any = any || squared > kNoticed * length2;
      }
    }
  }
  return any;
}

bool SketchSet::is_zero(const std::vector<Structure>& structures) const {
  for (size_t s = 0; s < structures.size(); ++s) {
    for (VectorKind kind : kVectorKinds) {
      if (structures[s].unscored == kind) continue;
      for (TagRule rule : kTagRules) {
        const auto& sums = at(s, rule).sums(kind);
        if (stats::sum_of_squares(sums.data(), sums.size()) > 0) return false;
      }
    }
  }
  return true;
}

void SketchWorker::absorb(const Projector& projector, const UnitBytes& block, SketchSet& out,
                          SketchSet* exchanged) {
  const size_t kinds = block.gated ? kVectorKindCount : kVectorKindCount - 1;
  const auto count = [&](SketchSet& set) {
    set.weights += panel_.units * projector.width() * kinds;
    set.skipped += panel_.skipped;
    set.not_finite += panel_.not_finite;
  };
  for (uint64_t first = 0; first < block.units(); first += checkpoint::kPanelUnits) {
    const uint64_t units = std::min(checkpoint::kPanelUnits, block.units() - first);
    projector.project(block, first, units, scratch_, panel_);
    absorb(projector, panel_, out);
    count(out);
    if (exchanged == nullptr) continue;
    if (block.gated) std::swap(panel_.y[VectorKind::gate], panel_.y[VectorKind::up]);
    absorb(projector, panel_, *exchanged);
    count(*exchanged);
  }
  out.bytes += block.bytes_read();
}

void SketchWorker::absorb(const Projector& projector, Panel& panel, SketchSet& out) {
  const auto rules = std::span(kTagRules).first(out.hard_only ? 1 : kTagRules.size());
  set_frame_lengths(projector, panel);
  for (VectorKind kind : kVectorKinds) {
    if (panel.has(kind)) clamp_all(panel.y[kind].data(), panel.y[kind].size());
  }
  for (size_t s = 0; s < projector.structures().size(); ++s) {
    const Sizes& sizes = projector.structures()[s].sizes;
    std::array<PerKind<std::vector<float>>, kTagRules.size()> factors;
    for (TagRule rule : rules) {
      factors[static_cast<size_t>(rule)] = tag_factors_of(projector, s, panel, rule);
    }
    for (VectorKind kind : kVectorKinds) {
      if (!panel.has(kind)) continue;
      const float* y = &panel.y[kind][projector.column(s) * panel.units];
      out.energies_[s][kind] +=
          std::llround(stats::sum_of_squares(y, sizes.r * panel.units) * kEnergyUnit);
      multiplier_.set_coordinates(y, sizes.r, panel.units);
      for (TagRule rule : rules) {
        make_tags(projector, s, panel, factors[static_cast<size_t>(rule)], kind, tags_);
        multiplier_.multiply(tags_, sizes.m, product_);
        out.sketches_[SketchSet::index(s, rule)].add(kind, product_);
      }
    }
  }
}

}  // namespace wmk::embed
