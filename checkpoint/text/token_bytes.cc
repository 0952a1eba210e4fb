#include "checkpoint/text/token_bytes.h"

#include <optional>

#include "base/bytes.h"
#include "base/utf8.h"

namespace wmk::checkpoint {

namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581
constexpr int kNoByte = -1;
constexpr size_t kAlphabetEnd = 256 + 68;  // 68 bytes cannot be shown and are moved beyond 255

// By code point: the byte that the character stands for. Printable characters of Latin-1 stand for
// themselves; the others are numbered from 256 on.
const std::array<int, kAlphabetEnd>& alphabet() {
  static const auto table = [] {
    std::array<int, kAlphabetEnd> out;
    out.fill(kNoByte);
    int next = 256;
    for (int byte = 0; byte < 256; ++byte) {
      const bool shown = (byte >= 33 && byte < 127) || (byte >= 161 && byte != 173);
      out[static_cast<size_t>(shown ? byte : next++)] = byte;
    }
    return out;
  }();
  return table;
}

// None where a character is not in the alphabet.
std::optional<std::string> from_byte_level(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    if (length == 0) return std::nullopt;
    const char32_t point = decode_utf8(text.substr(0, length));
    const int byte = point < kAlphabetEnd ? alphabet()[point] : kNoByte;
    if (byte == kNoByte) return std::nullopt;
    out += static_cast<char>(byte);
    text.remove_prefix(length);
  }
  return out;
}

// "<0xE4>"
std::optional<char> fallback_byte(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') return std::nullopt;
  const auto bytes = from_hex(text.substr(3, 2));
  if (!bytes) return std::nullopt;
  return static_cast<char>((*bytes)[0]);
}

std::string with_spaces(std::string_view text, std::string_view mark) {
  std::string out;
  for (size_t at; (at = text.find(mark)) != std::string_view::npos;) {
    out.append(text.substr(0, at)).append(1, ' ');
    text.remove_prefix(at + mark.size());
  }
  return out.append(text);
}

}  // namespace

TokenDecoder TokenDecoder::byte_level() {
  TokenDecoder out;
  out.byte_level_ = true;
  return out;
}

TokenDecoder TokenDecoder::metaspace() {
  TokenDecoder out;
  out.byte_fallback_ = true;
  out.space_ = kSpaceMark;
  return out;
}

TokenDecoder TokenDecoder::of(const json::Value& decoder) {
  TokenDecoder out;
  const auto add = [&out](const json::Value& step) {
    const auto type_member = step.find("type");
    const auto type = type_member ? type_member->string() : std::nullopt;
    if (type == "ByteLevel") out.byte_level_ = true;
    if (type == "ByteFallback") out.byte_fallback_ = true;
    if (type == "Metaspace" && out.space_.empty()) out.space_ = kSpaceMark;
    if (type != "Replace") return;
    const auto pattern = step.find("pattern");
    const auto text = pattern ? pattern->find("String") : std::nullopt;
    if (text && text->string()) out.space_ = *text->string();
  };
  if (!decoder.is(json::Kind::object)) return out;
  const auto steps = decoder.find("decoders");
  if (!steps || !steps->is(json::Kind::array)) {
    add(decoder);
    return out;
  }
  for (const json::Value step : *steps) add(step);
  return out;
}

TokenDecoder TokenDecoder::by(LabelRule rule) {
  if (rule == LabelRule::byte_level) return byte_level();
  return rule == LabelRule::metaspace ? metaspace() : TokenDecoder();
}

std::string TokenDecoder::bytes_of(std::string_view spelling) const {
  if (byte_level_) {
    auto bytes = from_byte_level(spelling);
    return bytes ? *std::move(bytes) : std::string(spelling);
  }
  if (byte_fallback_) {
    if (const auto byte = fallback_byte(spelling)) return std::string(1, *byte);
  }
  return space_.empty() ? std::string(spelling) : with_spaces(spelling, space_);
}

}  // namespace wmk::checkpoint
