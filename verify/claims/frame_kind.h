// The kinds of frames that a mark is read in.
//
// Thread-safety: pure functions and values.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wmk::verify {

// The suspect's own embedding, labelled by token strings or by row numbers; its rows whose strings
// the release has too; the mark's record; or the release, whose frame is carried into the suspect
// by neurons.
enum class FrameSource { strings, ids, shared, recorded, carried };

constexpr std::string_view to_string(FrameSource source) {
  constexpr std::array<std::string_view, 5> names = {"strings", "ids", "shared", "recorded",
                                                     "carried"};
  return names[static_cast<size_t>(source)];
}

}  // namespace wmk::verify
