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

namespace {

// 0 to 63, or -1.
constexpr int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> loose_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const int value = base64_value(c);
    if (value < 0) continue;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  if (count == 6) return std::nullopt;
  return out;
}

}  // namespace wmk
