// Comparing file names as a case-insensitive file system does.
//
// Purpose: two files of one model may be a single file on another system, where one overwrites the
// other: APFS and NTFS ignore case, and APFS also whether an accent is composed or not.
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace wmk::sign {

// Names with equal results may collide: case and composition of Latin, Greek and Cyrillic letters
// are ignored. For comparing only. `name` must be UTF-8.
std::string case_folded(std::string_view name);

}  // namespace wmk::sign
