#include "cli/detect/licensee_ids.h"

#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::cli {

namespace {

constexpr uint64_t kLicenseesBytesMax = 1ull << 30;

}  // namespace

Result<std::vector<std::string>> read_licensees(const std::string& path) {
  auto text = read_text(path, kLicenseesBytesMax);
  if (!text) return std::move(text).error();
  std::vector<std::string> ids;
  std::unordered_set<std::string_view> seen;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view id = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (id.empty() || !seen.insert(id).second) continue;
    if (!is_utf8(id)) {
      return Error(ErrorCode::malformed, cat(escaped(path), ": contains an id that is not UTF-8"));
    }
    ids.emplace_back(id);
  }
  if (!ids.empty()) return ids;
  return Error(ErrorCode::malformed, cat(escaped(path), ": contains no licensee id"));
}

Result<embed::LicenseeRegister> open_register(const std::string& path,
                                              const crypto::SecretBytes& key, unsigned threads) {
  auto read = embed::read_register(path);
  if (!read) return read;
  if (read->ids.empty()) {
    return Error(ErrorCode::invalid_argument, cat(escaped(path), ": contains no licensee id"))
        .with_hint("the public form of a register has no ids; give the one that the owner keeps");
  }
  if (auto status = embed::check_register(*read, key, threads); !status) {
    return std::move(status).error();
  }
  return read;
}

}  // namespace wmk::cli
