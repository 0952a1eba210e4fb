#include "sign/manifest/path_rules.h"

#include "base/text.h"

namespace wmk::sign {

namespace {

constexpr size_t kNameBytesMax = 4096;

bool has_drive(std::string_view name) {
  const auto letter = static_cast<unsigned char>(name[0] | 0x20);
  return name.size() >= 2 && name[1] == ':' && letter >= 'a' && letter <= 'z';
}

}  // namespace

std::string_view name_fault(std::string_view name) {
  if (name.empty()) return "the name is empty";
  if (name.size() > kNameBytesMax) return "the name is longer than 4096 bytes";
  if (!is_utf8(name)) return "the name is not UTF-8";
  if (name.find('\0') != std::string_view::npos) return "the name holds a NUL";
  if (name.find('\\') != std::string_view::npos) return "the name holds a backslash";
  if (name.front() == '/') return "the name is absolute";
  if (has_drive(name)) return "the name begins with a drive";
  while (true) {
    const size_t end = name.find('/');
    const std::string_view part = name.substr(0, end);
    if (part.empty()) return "the name has an empty component";
    if (part == "." || part == "..") return "the name has a '.' or '..' component";
    if (end == std::string_view::npos) return {};
    name.remove_prefix(end + 1);
  }
}

bool is_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace wmk::sign
