#include "checkpoint/shapes/role_variants.h"

#include "checkpoint/layout/family_anatomy.h"
#include "checkpoint/shapes/family_variants.h"
#include "checkpoint/shapes/shape_variants.h"

namespace wmk::checkpoint {

std::vector<AnatomyVariant> role_variants(const Checkpoint& checkpoint, const Config& config,
                                          const NamingFamily* rules) {
  const std::vector<const NamingFamily*> families = families_to_try(rules);
  std::vector<AnatomyVariant> out = family_variants(checkpoint, config, families);
  for (auto& variant : folded_variants(checkpoint, config, families)) {
    add_variant(out, std::move(variant));
  }
  for (auto& variant : shape_variants(checkpoint, config)) add_variant(out, std::move(variant));
  return out;
}

}  // namespace wmk::checkpoint
