#include "base/bytes.h"

namespace wmk {

std::string to_hex(unsigned char byte) { return {kHexDigits[byte >> 4], kHexDigits[byte & 15]}; }

std::string to_hex(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) out += to_hex(std::to_integer<unsigned char>(byte));
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out(text.size() / 2);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto byte = hex_byte(text.substr(2 * i, 2));
    if (!byte) return std::nullopt;
    out[i] = static_cast<std::byte>(*byte);
  }
  return out;
}

}  // namespace wmk
