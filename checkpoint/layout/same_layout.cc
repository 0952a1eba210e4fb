// Whether two families read a checkpoint in the same way (specs/naming.md 4).
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

namespace {

bool equal(const View& a, const View& b) {
  return a.tensor == b.tensor && a.first == b.first && a.unit_stride == b.unit_stride &&
         a.coordinate_stride == b.coordinate_stride;
}

bool equal(const UnitGroup& a, const UnitGroup& b) {
  return a.units == b.units && a.gate.has_value() == b.gate.has_value() &&
         (!a.gate || equal(*a.gate, *b.gate)) && equal(a.up, b.up) && equal(a.down, b.down);
}

bool equal_source(const Layout& a, std::optional<size_t> i, const Layout& b,
                  std::optional<size_t> j) {
  if (!i || !j) return i.has_value() == j.has_value();
  return a.norms[*i] == b.norms[*j];
}

}  // namespace

bool same_views(const Layout& a, const Layout& b) {
  if (a.width != b.width || a.token_embedding != b.token_embedding) return false;
  if (a.groups.size() != b.groups.size()) return false;
  for (size_t i = 0; i < a.groups.size(); ++i) {
    if (!equal(a.groups[i], b.groups[i])) return false;
  }
  return true;
}

bool same_norms(const Layout& a, const Layout& b) {
  if (a.groups.size() != b.groups.size()) return false;
  for (size_t i = 0; i < a.groups.size(); ++i) {
    const UnitGroup &x = a.groups[i], &y = b.groups[i];
    if (!equal_source(a, x.in_norm, b, y.in_norm)) return false;
    if (!equal_source(a, x.out_norm, b, y.out_norm)) return false;
  }
  return true;
}

}  // namespace wmk::checkpoint
