// Tags: the unit says which signs to use (specs/mark.md 4).
//
// Thread-safety: pure functions; a TagFactorTable belongs to one worker.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "embed/read/coordinates.h"

namespace wmk::embed {

enum class TagRule { hard, soft };
inline constexpr std::array kTagRules = {TagRule::hard, TagRule::soft};
constexpr std::string_view word(TagRule rule) { return rule == TagRule::hard ? "hard" : "soft"; }

// The factor of every coordinate: hard, its sign (that of zero is +1); soft, clamp(y / 0.7, -1, 1),
// better where the weights have drifted far.
PerKind<std::vector<float>> tag_factors_of(const Projector& projector, size_t structure,
                                           const Panel& panel, TagRule rule);

// Tags of one kind for all units of a panel, m x units: products of two factors each.
void make_tags(const Projector& projector, size_t structure, const Panel& panel,
               const PerKind<std::vector<float>>& factors, Kind kind, std::vector<float>& tags);

}  // namespace wmk::embed
