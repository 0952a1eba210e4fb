#include "claims/log/lines.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/encoding.h"

namespace wmk::claims {

std::optional<std::string_view> next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<std::vector<crypto::TreeHash>> take_path(std::string_view& text) {
  std::vector<crypto::TreeHash> out;
  for (;;) {
    const auto line = next_line(text);
    if (!line) return malformed("no empty line ends the hashes");
    if (line->empty()) return out;
    if (out.size() == kPathMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kPathMax, " hashes"));
    }
    const auto bytes = crypto::from_base64(*line);
    crypto::TreeHash hash;
    if (!bytes || bytes->size() != hash.size()) {
      return malformed(cat("hash ", out.size() + 1, " is not the base64 of 32 bytes"));
    }
    std::ranges::copy(*bytes, hash.begin());
    out.push_back(hash);
  }
}

std::string path_text(const std::vector<crypto::TreeHash>& path) {
  std::string out;
  for (const crypto::TreeHash& hash : path) out += crypto::to_base64(hash) + "\n";
  return out;
}

}  // namespace wmk::claims
