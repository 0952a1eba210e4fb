// Lines of the text formats of logs.
//
// Purpose: proofs, requests and policies share decimal numbers and hashes in base64. Thread-safety:
// pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/merkle.h"

namespace wmk::claims {

// No tree of 64-bit size has a longer path.
inline constexpr size_t kPathMax = 63;

// Removes the first line from `text` and returns it without its newline; nullopt if there is no
// newline.
std::optional<std::string_view> next_line(std::string_view& text);
// Reads hashes in base64, one a line, up to and including the empty line that ends them.
Result<std::vector<crypto::TreeHash>> take_path(std::string_view& text);
std::string path_text(const std::vector<crypto::TreeHash>& path);

}  // namespace wmk::claims
