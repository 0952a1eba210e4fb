#include "sign/manifest/path_rules.h"

#include "base/text.h"
#include "base/utf8.h"

namespace wmk::sign {

namespace {

constexpr size_t kNameBytesMax = 4096;

bool has_drive(std::string_view name) {
  const char letter = lower_case(name[0]);
  return name.size() >= 2 && name[1] == ':' && letter >= 'a' && letter <= 'z';
}

}  // namespace

std::string_view name_fault(std::string_view name) {
  if (name.empty()) return "has an empty name";
  if (name.size() > kNameBytesMax) return "has a name longer than 4096 bytes";
  if (!is_utf8(name)) return "has a name that is not UTF-8";
  if (name.find('\0') != std::string_view::npos) return "has a NUL in its name";
  if (name.find('\\') != std::string_view::npos) return "has a backslash in its name";
  if (name.front() == '/') return "has an absolute name";
  if (has_drive(name)) return "has a name that begins with a drive letter";
  while (true) {
    const size_t end = name.find('/');
    const std::string_view part = name.substr(0, end);
    if (part.empty()) return "has a name with an empty component";
    if (part == "." || part == "..") return "has a name with a '.' or '..' component";
    if (end == std::string_view::npos) return {};
    name.remove_prefix(end + 1);
  }
}

bool is_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace wmk::sign
