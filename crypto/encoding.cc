#include "crypto/encoding.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

// Writes the text and a terminating NUL; `out` has text_bytes(bytes.size()) bytes.
void encode(ByteView bytes, std::span<char> out) {
  require_sodium();
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
}

size_t text_bytes(size_t bytes) { return sodium_base64_encoded_len(bytes, kVariant); }

// Strict: libsodium refuses characters outside the alphabet, missing padding and unused bits that
// are not zero, so every byte string has exactly one encoding. It takes some bytes from 0x80 on for
// letters, so those are refused here. The time does not depend on secret characters.
std::optional<size_t> decode(std::string_view text, std::span<std::byte> out) {
  require_sodium();
  if (text.empty()) return 0;  // an empty `out` may be null, which libsodium does not accept
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  if (text.size() % 4 != 0 || all >= 0x80) return std::nullopt;
  size_t count = 0;
  const int failed =
      sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &count, nullptr, kVariant);
  if (failed != 0) return std::nullopt;
  return count;
}

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string out(text_bytes(bytes.size()), '\0');
  encode(bytes, out);
  out.pop_back();
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  Bytes out(text.size() / 4 * 3);
  const auto count = decode(text, out);
  if (!count) return std::nullopt;
  out.resize(*count);
  return out;
}

std::optional<Bytes> from_either_base64(std::string_view text) {
  if (text.find_first_of("-_") == std::string_view::npos) return from_base64(text);
  if (text.find_first_of("+/") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  return from_base64(standard);
}

SecretBytes secret_to_base64(const SecretBytes& bytes) {
  SecretBytes with_nul = SecretBytes::zeros(text_bytes(bytes.size()));
  const auto text = with_nul.reveal_for_writing();
  encode(bytes.reveal(), {reinterpret_cast<char*>(text.data()), text.size()});
  return SecretBytes::take(text.first(text.size() - 1));
}

std::optional<SecretBytes> secret_from_base64(std::string_view text) {
  SecretBytes out = SecretBytes::zeros(text.size() / 4 * 3);
  const auto count = decode(text, out.reveal_for_writing());
  if (!count) return std::nullopt;
  return SecretBytes::take(out.reveal_for_writing().first(*count));
}

std::string to_base32(ByteView bytes) {
  static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (std::byte b : bytes) {
    pending = pending << 8 | std::to_integer<uint32_t>(b);
    pending_bits += 8;
    while (pending_bits >= 5) {
      pending_bits -= 5;
      out.push_back(alphabet[pending >> pending_bits & 31]);
    }
  }
  if (pending_bits > 0) out.push_back(alphabet[pending << (5 - pending_bits) & 31]);
  return out;
}

}  // namespace wmk::crypto
