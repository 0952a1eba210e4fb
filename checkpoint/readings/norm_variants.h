// Other norm weights for the same units: w, 1 + w, none, another norm of the layer.
//
// Purpose: a config that names another model type makes norm weights be misread, and no shape shows
// it. Thread-safety: pure functions; they read norm weights.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

struct NormVariant {
  std::string words;  // "norm weights as 1 + w"
  Anatomy anatomy;
};

// In this order: w, 1 + w, none, multiples of the ones vector ignored where there are more of them
// than chance gives (kept, where the model declares a LayerNorm), then up to kOtherNormsMax further
// vectors [width] that most layers have, in place of the norm before the FFN. One that cannot be
// read is left out. `only`: that with these words alone, which takes less time.
inline constexpr size_t kOtherNormsMax = 3;
std::vector<NormVariant> norm_variants(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                       const std::string* only = nullptr);

}  // namespace wmk::checkpoint
