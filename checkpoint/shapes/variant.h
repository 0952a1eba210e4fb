// Other anatomies of one checkpoint, beside the one that its names and config declare.
//
// Purpose: a variant is a hypothesis that the bytes allow; whoever scans tries them in order.
// Thread-safety: immutable values.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

struct AnatomyVariant {
  std::string words;  // how it differs: "roles as family 'gpt2' names them"
  Anatomy anatomy;
};

// The same vectors in the same places, with the same norm weights.
bool same_reading(const Anatomy& a, const Anatomy& b);

// Appends `variant` unless a variant reads the same, or there are kVariantsMax.
inline constexpr size_t kVariantsMax = 40;
void add_variant(std::vector<AnatomyVariant>& variants, AnatomyVariant variant);

}  // namespace wmk::checkpoint
