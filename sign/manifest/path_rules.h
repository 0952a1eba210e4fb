// Which file names a manifest may contain (specs/signing.md 3).
//
// Purpose: names in a manifest are untrusted. A name that could refer to a place outside the
// model's folder, on this or on another system, is refused before any file is opened.
// Thread-safety: pure functions.
#pragma once

#include <string_view>

namespace wmk::sign {

// What is wrong with `name`, as a predicate ("has an empty name"); empty if nothing is.
std::string_view name_fault(std::string_view name);
// `path` is `root` or inside it.
bool is_below(std::string_view path, std::string_view root);

}  // namespace wmk::sign
