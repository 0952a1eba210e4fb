#include "library/models/licensee_ids.h"

#include <span>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::library {

namespace {

constexpr uint64_t kLicenseesBytesMax = 1ull << 30;

// Each id once, in their order.
Result<std::vector<std::string>> distinct(std::span<const std::string_view> ids) {
  std::vector<std::string> out;
  std::unordered_set<std::string_view> seen;
  for (const std::string_view each : ids) {
    const std::string_view id = trimmed(each);
    if (id.empty() || !seen.insert(id).second) continue;
    if (!is_utf8(id)) return Error(ErrorCode::malformed, "contains an id that is not UTF-8");
    out.emplace_back(id);
  }
  if (!out.empty()) return out;
  return Error(ErrorCode::malformed, "contains no licensee id");
}

}  // namespace

Result<std::vector<std::string>> read_licensees(const std::string& path) {
  const auto text = read_text(path, kLicenseesBytesMax);
  if (!text) return text.error();
  std::vector<std::string_view> lines;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  auto ids = distinct(lines);
  if (!ids) return std::move(ids).error().within(escaped(path));
  return ids;
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

Result<std::vector<std::string>> ids_of(const LicenseeSource& source,
                                        const crypto::SecretBytes& key, unsigned threads) {
  if (source.ids.empty() + source.list.empty() + source.from_register.empty() != 2) {
    return Error(ErrorCode::invalid_argument,
                 "name the licensees by one of ids, a list and a register");
  }
  if (!source.list.empty()) return read_licensees(source.list);
  if (source.from_register.empty()) {
    const std::vector<std::string_view> ids(source.ids.begin(), source.ids.end());
    auto found = distinct(ids);
    if (!found) return std::move(found).error().within("the list");
    return found;
  }
  auto read = open_register(source.from_register, key, threads);
  if (!read) return std::move(read).error();
  return std::move(read->ids);
}

}  // namespace wmk::library
