// What names say about matrices of one size: their layers, and which belong to one module.
//
// Thread-safety: pure functions.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "checkpoint/shapes/slots.h"

namespace wmk::checkpoint {

using SlotsByLayer = std::map<std::optional<uint64_t>, std::vector<Slot>>;

// By the first number in names that gives every layer the same number of slots, a multiple of
// `size`; else all together, without a layer.
SlotsByLayer by_layer(const std::vector<Tensor>& tensors, const std::vector<Slot>& slots,
                      size_t size);

// Those slots that are three with one stem: matrices of attention that have the size of the FFN's
// are two or four. Empty: names do not say.
std::vector<Slot> threes_by_name(const std::vector<Tensor>& tensors,
                                 const std::vector<Slot>& slots);

}  // namespace wmk::checkpoint
