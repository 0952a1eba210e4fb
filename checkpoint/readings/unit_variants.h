// Other readings of the same FFN tensors: gate and up exchanged, fewer layers.
//
// Thread-safety: pure functions.
#pragma once

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// As if the owner had named the matrices the other way. `anatomy` is gated.
Anatomy with_gate_and_up_exchanged(Anatomy anatomy);

// Without the layers from number `count` on; none: there are no such layers, or no others.
std::optional<Anatomy> with_layers_below(Anatomy anatomy, uint64_t count);

}  // namespace wmk::checkpoint
