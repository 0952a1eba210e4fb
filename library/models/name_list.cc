#include "library/models/name_list.h"

#include <algorithm>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::library {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// `each`: what holds a name, "line".
Result<std::vector<std::string>> distinct(std::span<const std::string_view> names, const char* what,
                                          const char* each) {
  std::vector<std::string> out;
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = trimmed(names[i]);
    if (name.empty() || !seen.insert(name).second) continue;
    const bool has_nul = name.find('\0') != name.npos;
    if (has_nul || !is_utf8(name)) {
      return malformed(cat(each, " ", i + 1, " is a ", what,
                           has_nul ? " with a NUL byte" : " that is not UTF-8"));
    }
    out.emplace_back(name);
  }
  if (!out.empty()) return out;
  return malformed(cat("contains no ", what));
}

}  // namespace

Result<std::vector<std::string>> distinct_names(std::span<const std::string_view> names,
                                                const char* what) {
  return distinct(names, what, "entry");
}

Result<std::vector<std::string>> read_names(const std::string& path, const char* what,
                                            uint64_t bytes_max) {
  const auto text = read_text(path, bytes_max);
  if (!text) return text.error();
  std::vector<std::string_view> lines;
  std::string_view rest = *text;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  auto names = distinct(lines, what, "line");
  if (!names) return std::move(names).error().within(escaped(path));
  return names;
}

}  // namespace wmk::library
