#include "embed/read/score.h"

#include <algorithm>
#include <cmath>

#include "embed/scheme/keys.h"
#include "stats/spectral.h"

namespace wmk::embed {

namespace {

constexpr double kClipFactor = 1.5;

}  // namespace

std::vector<double> guarded(const Structure& structure, VectorKind kind, std::vector<double> v) {
  const auto zero = [](double x) { return x == 0; };
  close_entries(structure, kind, v);
  // The gate of an FFN that is not gated, or a kind that is not scored.
  if (std::all_of(v.begin(), v.end(), zero)) return v;
  v = stats::clip_singular_values(v, structure.sizes.m, structure.sizes.r, kClipFactor);
  close_entries(structure, kind, v);
  return v;
}

PerKind<std::vector<double>> guarded(const Structure& structure, PerKind<std::vector<double>> v) {
  for (VectorKind kind : kVectorKinds) v[kind] = guarded(structure, kind, std::move(v[kind]));
  return v;
}

PerKind<std::vector<double>> guarded(const Structure& structure, const Sketch& sketch) {
  return guarded(structure, {sketch.matrix(VectorKind::gate), sketch.matrix(VectorKind::up),
                             sketch.matrix(VectorKind::down)});
}

double Length::value() const {
  return expected > 0 && squared > 0 ? std::sqrt(squared / expected) : 1;
}

Length length_of(const Structure& structure, const SketchSet& sketches, size_t index,
                 TagRule rule) {
  Length out;
  for (VectorKind kind : kVectorKinds) {
    const double energy = sketches.energy(index, kind);
    if (energy == 0 || structure.unscored == kind) continue;  // not gated: no gate
    std::vector<double> v = sketches.at(index, rule).matrix(kind);
    close_entries(structure, kind, v);
    for (double x : v) out.squared += x * x;
    const double open = static_cast<double>(open_entries(structure.sizes, structure.role)) /
                        static_cast<double>(structure.entries());
    out.expected += energy * static_cast<double>(structure.sizes.m) * open;
  }
  return out;
}

Correlation correlate(const Structure& structure, VectorKind kind, const std::vector<double>& v) {
  Correlation out;
  const WipedVector<int8_t> signs = carrier(structure, kind);
  for (size_t e = 0; e < signs.size(); ++e) {
    out.product += signs[e] * v[e];
    out.norm_squared += v[e] * v[e];
  }
  return out;
}

Correlation correlate(const Structure& structure, const PerKind<std::vector<double>>& v) {
  Correlation out;
  for (VectorKind kind : kVectorKinds) out += correlate(structure, kind, v[kind]);
  return out;
}

std::vector<double> block_sums(const Structure& trace, const PerKind<std::vector<double>>& v) {
  std::vector<double> sums(kCodeBits);
  for (VectorKind kind : kVectorKinds) {
    const WipedVector<int8_t> signs = carrier(trace, kind);
    const size_t first = index_of(kind) * trace.entries();
    for (size_t e = 0; e < signs.size(); ++e) {
      sums[(first + e) % kCodeBits] += signs[e] * v[kind][e];
    }
  }
  return sums;
}

double ln_p(double z, double hypotheses) {
  if (z <= 0) return 0;
  return std::min(0.0, std::log(hypotheses) - z * z / 2);
}

}  // namespace wmk::embed
