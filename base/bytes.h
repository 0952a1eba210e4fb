// Bytes, little-endian numbers, hexadecimal, and sizes that cannot overflow.
//
// Purpose: numbers from files are read with memcpy, because no format promises alignment, and sizes
// from files are multiplied by checked_product. Thread-safety: pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wmk {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

static_assert(std::endian::native == std::endian::little, "all formats here are little-endian");

template <class T>
T load_le(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store_le(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

inline std::optional<uint64_t> checked_product(uint64_t a, uint64_t b) {
  uint64_t out;
  return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
}

inline std::optional<uint64_t> checked_sum(uint64_t a, uint64_t b) {
  uint64_t out;
  return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
}

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

// The value of a hexadecimal digit of either case, 0 to 15, or -1.
constexpr int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// The byte that the first two digits of `text` spell. Requires two characters or more.
constexpr std::optional<unsigned char> hex_byte(std::string_view text) {
  const int high = hex_value(text[0]), low = hex_value(text[1]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<unsigned char>(high << 4 | low);
}

// Two lower-case digits a byte.
std::string to_hex(unsigned char byte);
std::string to_hex(ByteView bytes);
// Digits of either case, two a byte; nullopt for any other text.
std::optional<Bytes> from_hex(std::string_view text);

// The bytes of base64 as Python reads it: characters outside the alphabet are skipped, and text
// ends at the first '='. nullopt for a single left-over character. For public data: its time
// depends on the text (keys: crypto/encoding.h).
std::optional<std::string> loose_base64(std::string_view text);

}  // namespace wmk
