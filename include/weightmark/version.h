// The version of the library.
//
// Versions with the same first number, and before 1.0 with the same second one, can be linked to
// without compiling again.
#pragma once

#include <string_view>

namespace weightmark {

// "0.1.0"; valid for ever.
[[gnu::visibility("default")]] std::string_view version();

}  // namespace weightmark
