#include "checkpoint/shapes/variant.h"

#include <algorithm>

namespace wmk::checkpoint {

namespace {

bool is_same(const View& a, const View& b) {
  return a.tensor == b.tensor && a.first == b.first && a.unit_stride == b.unit_stride &&
         a.coordinate_stride == b.coordinate_stride;
}

bool is_same_norm(const Anatomy& a, std::optional<size_t> i, const Anatomy& b,
                  std::optional<size_t> j) {
  if (!i || !j) return i.has_value() == j.has_value();
  return a.norm_weights[*i] == b.norm_weights[*j];
}

bool is_same_group(const Anatomy& a, const UnitGroup& x, const Anatomy& b, const UnitGroup& y) {
  return x.units == y.units && x.gate.has_value() == y.gate.has_value() &&
         (!x.gate || is_same(*x.gate, *y.gate)) && is_same(x.up, y.up) &&
         is_same(x.down, y.down) && is_same_norm(a, x.in_norm, b, y.in_norm) &&
         is_same_norm(a, x.out_norm, b, y.out_norm);
}

}  // namespace

bool same_reading(const Anatomy& a, const Anatomy& b) {
  if (a.width != b.width || a.token_embedding != b.token_embedding ||
      a.groups.size() != b.groups.size()) {
    return false;
  }
  for (size_t i = 0; i < a.groups.size(); ++i) {
    if (!is_same_group(a, a.groups[i], b, b.groups[i])) return false;
  }
  return true;
}

void add_variant(std::vector<AnatomyVariant>& variants, AnatomyVariant variant) {
  if (variants.size() >= kVariantsMax) return;
  const bool is_known =
      std::any_of(variants.begin(), variants.end(), [&](const AnatomyVariant& other) {
        return same_reading(other.anatomy, variant.anatomy);
      });
  if (!is_known) variants.push_back(std::move(variant));
}

}  // namespace wmk::checkpoint
