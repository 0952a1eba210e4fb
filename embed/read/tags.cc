#include "embed/read/tags.h"

#include <algorithm>

#include "base/simd.h"

namespace wmk::embed {

namespace {

constexpr float kSoftness = 0.7f;

WMK_VECTORIZED void hard_factors(const float* y, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = y[i] >= 0 ? 1.0f : -1.0f;
}

WMK_VECTORIZED void soft_factors(const float* y, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = std::min(std::max(y[i] / kSoftness, -1.0f), 1.0f);
  }
}

WMK_VECTORIZED void multiply(const float* a, const float* b, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = a[i] * b[i];
}

}  // namespace

PerKind<std::vector<float>> tag_factors_of(const Projector& projector, size_t structure,
                                           const Panel& panel, TagRule rule) {
  const size_t count = projector.structures()[structure].sizes.tag_rows * panel.units;
  const size_t first = projector.tag_column(structure) * panel.units;
  PerKind<std::vector<float>> factors;
  for (VectorKind kind : kVectorKinds) {
    if (!panel.has(kind)) continue;
    factors[kind].resize(count);
    const float* y = &panel.y[kind][first];
    (rule == TagRule::hard ? hard_factors : soft_factors)(y, count, factors[kind].data());
  }
  return factors;
}

void make_tags(const Projector& projector, size_t structure, const Panel& panel,
               const PerKind<std::vector<float>>& factors, VectorKind kind,
               std::vector<float>& tags) {
  const WipedVector<TagPair>& pairs = projector.structures()[structure].pairs[kind];
  const TagFactors from = tag_factors(kind, panel.gated);
  const size_t units = panel.units;
  tags.resize(pairs.size() * units);
  for (size_t j = 0; j < pairs.size(); ++j) {
    multiply(&factors[from.first][pairs[j].a * units], &factors[from.second][pairs[j].b * units],
             units, &tags[j * units]);
  }
}

}  // namespace wmk::embed
