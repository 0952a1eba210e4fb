#include "checkpoint/mindspore/wire.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kWireNumber = 0, kWireBytes = 2;
constexpr unsigned kNumberBytesMax = 10;

}  // namespace

Result<uint8_t> WireReader::byte_at(uint64_t at) {
  if (at < window_begin_ || at >= window_end_) {
    const uint64_t size = std::min<uint64_t>(window_.size(), file_.size() - at);
    auto status = file_.read_at(at, std::span(window_).first(size));
    if (!status) return std::move(status).error();
    window_begin_ = at;
    window_end_ = at + size;
  }
  return static_cast<uint8_t>(window_[at - window_begin_]);
}

Result<uint64_t> WireReader::take_number(WireRange& rest) {
  uint64_t value = 0;
  for (unsigned i = 0; i < kNumberBytesMax; ++i) {
    if (rest.begin == rest.end) return malformed("a number is cut off");
    const auto byte = byte_at(rest.begin++);
    if (!byte) return byte.error();
    const uint64_t bits = *byte & 0x7Fu;
    if (i == kNumberBytesMax - 1 && bits > 1) return malformed("a number has more than 64 bits");
    value |= bits << (7 * i);
    if ((*byte & 0x80u) == 0) return value;
  }
  return malformed("a number has more than 64 bits");
}

Result<WireField> WireReader::take_field(WireRange& rest) {
  const auto key = take_number(rest);
  if (!key) return key.error();
  WireField out;
  if (*key >> 3 == 0 || *key >> 3 > UINT32_MAX) return malformed("a field has no valid number");
  out.number = static_cast<uint32_t>(*key >> 3);
  const uint64_t type = *key & 7;
  if (type != kWireNumber && type != kWireBytes) {
    return malformed(cat("field ", out.number, " is neither a number nor bytes"));
  }
  const auto value = take_number(rest);
  if (!value) return value.error();
  out.is_number = type == kWireNumber;
  out.value = *value;
  if (out.is_number) return out;
  if (*value > rest.size()) return malformed(cat("field ", out.number, " is cut off"));
  out.bytes = {rest.begin, rest.begin + *value};
  rest.begin = out.bytes.end;
  return out;
}

Result<std::string> WireReader::text(const WireRange& range, uint64_t bytes_max) {
  if (range.size() > bytes_max) {
    return Error(ErrorCode::limit_exceeded, cat("a text of ", range.size(), " bytes"));
  }
  std::string out(range.size(), '\0');
  auto status = file_.read_at(range.begin, std::as_writable_bytes(std::span(out)));
  if (!status) return std::move(status).error();
  if (!is_utf8(out)) return malformed("a text is not UTF-8");
  return out;
}

}  // namespace wmk::checkpoint
