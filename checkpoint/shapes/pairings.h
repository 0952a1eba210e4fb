// Matrices of one size, in order, taken together as FFNs.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/shapes/slots.h"

namespace wmk::checkpoint {

struct Pairing {
  std::string words;  // "neighbours", "role by role"
  std::vector<std::vector<Slot>> members;
};

// Ways to split `slots` into members of `size` that all have their columns and rows in the same
// places. Empty: order alone does not say.
std::vector<Pairing> pairings(const std::vector<Slot>& slots, size_t size);

}  // namespace wmk::checkpoint
