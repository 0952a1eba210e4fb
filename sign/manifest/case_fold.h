// Comparing file names as a case-insensitive file system does.
//
// Purpose: two files of one model may be a single file on another system, where one overwrites the
// other: APFS and NTFS ignore case, and APFS also whether an accent is composed or not.
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace wmk::sign {

// Full Unicode case folding and canonical decomposition (NFD): names with equal results may
// collide. For comparing only. `name` must be UTF-8.
std::string case_folded(std::string_view name);

}  // namespace wmk::sign
