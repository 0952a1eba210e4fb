// Tags: the unit says which signs to use (specs/mark.md 4).
//
// Thread-safety: pure functions.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "embed/coordinates.h"

namespace wmk::embed {

enum class TagRule { hard, soft };
inline constexpr std::array kTagRules = {TagRule::hard, TagRule::soft};
constexpr std::string_view word(TagRule rule) { return rule == TagRule::hard ? "hard" : "soft"; }

// Tags of one kind for all units of a panel: units x m. Hard: products of signs (the sign of zero is
// +1). Soft: products of clamp(y / 0.7, -1, 1), better where the weights have drifted far.
void make_tags(const Projector& projector, size_t structure, const Panel& panel, Kind kind,
               TagRule rule, std::vector<float>& tags);

}  // namespace wmk::embed
