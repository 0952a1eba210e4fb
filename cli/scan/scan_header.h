// The first line of a scan's results, which says what was asked (specs/scan.md 2.1).
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace wmk::cli {

// How every such line begins.
inline constexpr std::string_view kScanHeaderStart = "{\"schema\": \"weightmark/scan-lines/v1\"";

// In what two such lines differ: "the list (it had 5 suspects) and the keys".
std::string scan_difference(const std::string& theirs, const std::string& own);

}  // namespace wmk::cli
