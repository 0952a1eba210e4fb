#include "checkpoint/shapes/role_variants.h"

#include <algorithm>

#include "checkpoint/layout/family_anatomy.h"
#include "checkpoint/shapes/family_variants.h"
#include "checkpoint/shapes/shape_variants.h"

namespace wmk::checkpoint {

namespace {

// Whether one differs from the other in gates and norms only: another axis of readings.
bool same_up_and_down(const Anatomy& a, const Anatomy& b) {
  return a.token_embedding == b.token_embedding &&
         std::equal(a.groups.begin(), a.groups.end(), b.groups.begin(), b.groups.end(),
                    [](const UnitGroup& x, const UnitGroup& y) {
                      return same_view(x.up, y.up) && same_view(x.down, y.down);
                    });
}

}  // namespace

std::vector<AnatomyVariant> role_variants(const Checkpoint& checkpoint, const Config& config,
                                          const NamingFamily* rules) {
  const std::vector<const NamingFamily*> families = families_to_try(rules);
  std::vector<AnatomyVariant> out, late;
  for (const auto list : {family_variants, folded_variants}) {
    for (AnatomyVariant& variant : list(checkpoint, config, families)) {
      const bool is_like = std::any_of(out.begin(), out.end(), [&](const AnatomyVariant& other) {
        return same_up_and_down(other.anatomy, variant.anatomy);
      });
      add_variant(is_like ? late : out, std::move(variant));
    }
  }
  for (auto& variant : shape_variants(checkpoint, config)) add_variant(out, std::move(variant));
  for (auto& variant : late) add_variant(out, std::move(variant));
  return out;
}

}  // namespace wmk::checkpoint
