// Which names a file in a manifest may have (specs/signing.md 3).
//
// Purpose: names come from strangers and are opened below the model's folder; whatever could mean
// another place, here or on another system, is refused before the disk is asked.
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace wmk::sign {

// What is wrong with `name`, or empty.
std::string_view name_fault(std::string_view name);
// `path` is `root` or lies below it.
bool is_below(std::string_view path, std::string_view root);
// Names that some file systems take for one: letters of both cases, and composed or decomposed
// accents, are made equal. For comparing only.
std::string folded(std::string_view name);

}  // namespace wmk::sign
