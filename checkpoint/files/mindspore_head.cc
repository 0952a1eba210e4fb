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

}  // namespace

bool is_mindspore_head(std::string_view head) {
  const auto take = [&](char key) -> std::optional<uint64_t> {
    if (head.empty() || head.front() != key) return std::nullopt;
    head.remove_prefix(1);
    return take_varint(head);
  };
  const auto entry = take('\x0a');
  const size_t at_entry = head.size();
  const auto name = entry ? take('\x0a') : std::nullopt;
  if (!name || *name == 0 || *name >= head.size()) return false;
  head.remove_prefix(*name);
  const auto tensor = take('\x12');
  if (!tensor || head.empty() || *tensor > *entry) return false;
  const char first = head.front();
  return at_entry - head.size() + *tensor == *entry &&
         (first == '\x08' || first == '\x0a' || first == '\x12');
}

}  // namespace wmk::checkpoint
