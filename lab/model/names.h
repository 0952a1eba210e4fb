// Numbers inside tensor names: "model.layers.3.mlp.experts.17.w1.weight" has 3 and 17.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wmk::lab {

// A name, split into the part before one of its numbers, that number, and the rest.
struct SplitName {
  std::string_view before;
  uint64_t number = 0;
  std::string_view after;
};

// Splits at number `which` (0-based). Numbers are complete segments between dots. nullopt if the
// name has fewer numbers or this one exceeds 64 bits.
std::optional<SplitName> split_at_number(std::string_view name, size_t which);

std::string with_number(const SplitName& parts, uint64_t number);

// "a.b.weight" -> "a.b".
std::string_view without_weight(std::string_view name);

}  // namespace wmk::lab
