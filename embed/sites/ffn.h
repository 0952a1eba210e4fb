// The three kinds of vectors of a unit, and which two of them tag the third (specs/mark.md 4).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wmk::embed {

enum Kind : size_t { gate, up, down };
inline constexpr std::array kKinds = {gate, up, down};
inline constexpr size_t kKindCount = kKinds.size();
inline constexpr std::array<std::string_view, kKindCount> kKindNames = {"gate", "up", "down"};

template <class T>
using PerKind = std::array<T, kKindCount>;

struct TagFactors {
  Kind first, second;
};

constexpr TagFactors tag_factors(Kind kind, bool gated) {
  if (!gated) return kind == up ? TagFactors{down, down} : TagFactors{up, up};
  if (kind == gate) return {up, down};
  return kind == up ? TagFactors{gate, down} : TagFactors{gate, up};
}

}  // namespace wmk::embed
