// Variants by names: each naming family that fits, and names freed of prefix and separators.
//
// Thread-safety: pure functions; they read norm weights.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/shapes/variant.h"

namespace wmk::checkpoint {

// One for each family that applies and fits; those that recognise most tensors first. Where copies
// of tensors lie behind other wrappers, also as the other copies read.
std::vector<AnatomyVariant> family_variants(const Checkpoint& checkpoint, const Config& config,
                                            std::span<const NamingFamily* const> families);

// The same for the names that folding makes known (folded_names.h).
std::vector<AnatomyVariant> folded_variants(const Checkpoint& checkpoint, const Config& config,
                                            std::span<const NamingFamily* const> families);

}  // namespace wmk::checkpoint
