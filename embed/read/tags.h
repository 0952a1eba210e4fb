// Tags: signs that are read from the unit itself and select its carrier (specs/mark.md 4).
//
// Thread-safety: pure functions.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "embed/read/coordinates.h"

namespace wmk::embed {

enum class TagRule { hard, soft };
inline constexpr std::array kTagRules = {TagRule::hard, TagRule::soft};
constexpr std::string_view to_string(TagRule rule) {
  return rule == TagRule::hard ? "hard" : "soft";
}

// The tag factor of every coordinate, tag_rows x units for each kind. Hard: the sign (+1 for zero).
// Soft: clamp(y / 0.7, -1, 1), which is better if the weights have drifted far.
PerKind<std::vector<float>> tag_factors_of(const Projector& projector, size_t structure,
                                           const Panel& panel, TagRule rule);

// Sets `tags` to those of one kind for all units of a panel, m x units: products of two factors.
void make_tags(const Projector& projector, size_t structure, const Panel& panel,
               const PerKind<std::vector<float>>& factors, VectorKind kind,
               std::vector<float>& tags);

}  // namespace wmk::embed
