// Which tensors may play which role, whatever the names and the config say.
//
// Purpose: the alternatives beside make_anatomy(): other naming families that fit, names that
// become known ones without their prefix and separators, and roles from shapes alone. The owner of
// a suspect chooses names, config and the order of tensors. Thread-safety: pure function; reads
// norm weights and a sample of other weights.
#pragma once

#include <vector>

#include "checkpoint/shapes/variant.h"

namespace wmk::checkpoint {

// The most likely first. A hypothesis that cannot be read is left out, so the list may be empty.
// `rules` as in make_anatomy(): they replace the families of the program.
std::vector<AnatomyVariant> role_variants(const Checkpoint& checkpoint, const Config& config,
                                          const NamingFamily* rules = nullptr);

}  // namespace wmk::checkpoint
