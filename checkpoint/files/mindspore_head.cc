#include "checkpoint/files/mindspore_head.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace wmk::checkpoint {
namespace {

// Takes the number of a protobuf field from `head`; none: the head ends before it.
std::optional<uint64_t> take_varint(std::string_view& head) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && !head.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(head.front());
    head.remove_prefix(1);
    value |= uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80u) == 0) return value;
  }
  return std::nullopt;
}

// Takes the key of a field and the number behind it.
std::optional<uint64_t> take_field_of(std::string_view& head, char key) {
  if (head.empty() || head.front() != key) return std::nullopt;
  head.remove_prefix(1);
  return take_varint(head);
}

// Dimensions, one by one or packed, then the name of a type.
bool is_tensor_head(std::string_view head) {
  constexpr uint64_t kTypeBytesMax = 32;
  while (!head.empty() && head.front() == '\x08') {
    if (!take_field_of(head, '\x08')) return false;
  }
  if (const auto packed = take_field_of(head, '\x0a')) {
    if (*packed > head.size()) return false;
    head.remove_prefix(*packed);
  }
  const auto type = take_field_of(head, '\x12');
  if (!type || *type == 0 || *type > kTypeBytesMax || *type > head.size()) return false;
  const std::string_view name = head.substr(0, *type);
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == name.npos;
}

}  // namespace

bool is_mindspore_head(std::string_view head) {
  const auto entry = take_field_of(head, '\x0a');
  const size_t at_entry = head.size();
  const auto name = entry ? take_field_of(head, '\x0a') : std::nullopt;
  if (!name || *name == 0 || *name >= head.size()) return false;
  head.remove_prefix(*name);
  const auto tensor = take_field_of(head, '\x12');
  if (!tensor || *tensor > *entry) return false;
  return at_entry - head.size() + *tensor == *entry && is_tensor_head(head);
}

}  // namespace wmk::checkpoint
