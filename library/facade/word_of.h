// The word of each value of an enumeration.
//
// Thread-safety: pure.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wmk::library {

// Word `value` of `words`; empty where there is none.
template <class Enum, size_t kCount>
constexpr std::string_view word_of(Enum value, const std::array<std::string_view, kCount>& words) {
  const auto number = static_cast<size_t>(value);
  return number < kCount ? words[number] : std::string_view();
}

}  // namespace wmk::library
