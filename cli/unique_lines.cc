#include "cli/unique_lines.h"

#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::cli {

Result<std::vector<std::string>> read_unique_lines(const std::string& path, const char* what,
                                                   uint64_t bytes_max) {
  auto text = read_text(path, bytes_max);
  if (!text) return std::move(text).error();
  std::vector<std::string> out;
  std::unordered_set<std::string_view> seen;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (line.empty() || !seen.insert(line).second) continue;
    if (!is_utf8(line)) {
      return Error(ErrorCode::malformed,
                   cat(escaped(path), ": contains a ", what, " that is not UTF-8"));
    }
    out.emplace_back(line);
  }
  if (!out.empty()) return out;
  return Error(ErrorCode::malformed, cat(escaped(path), ": contains no ", what));
}

}  // namespace wmk::cli
