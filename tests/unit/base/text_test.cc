#include "base/text.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "base/utf8.h"

namespace wmk {
namespace {

TEST_CASE("untrusted text is shown on one line and cannot control a terminal",
          "[base][bad-input]") {
  CHECK(escaped("a \"quoted\" word, it's plain \xC3\xA9") ==
        "a \"quoted\" word, it's plain \xC3\xA9");
  CHECK(escaped("\x1b[31m\r\n\t\x7f") == "\\x1b[31m\\x0d\\x0a\\x09\\x7f");
  CHECK(escaped(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(escaped("\xC2\x9b") == "\\u{9b}");                              // a C1 control
  CHECK(escaped("\xE2\x80\xAE\xE2\x80\x8B") == "\\u{202e}\\u{200b}");   // reversed, invisible
  CHECK(escaped("\xE1\x85\x9F\xE1\xA0\x8E\xE3\x85\xA4\xEF\xB8\x8F") ==  // fillers, selectors
        "\\u{115f}\\u{180e}\\u{3164}\\u{fe0f}");
  CHECK(escaped("\xFF\xC0\xAF\xED\xA0\x80") == "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
  CHECK(escaped("\\x1b") == "\\x5cx1b");  // text that imitates an escape
}

TEST_CASE("hexadecimal is written in lower case and read in either") {
  const Bytes bytes = {std::byte{0x00}, std::byte{0x9a}, std::byte{0xff}};
  CHECK(to_hex(bytes) == "009aff");
  CHECK(from_hex("009AfF") == bytes);
  CHECK(from_hex("") == Bytes());
  for (const char* wrong : {"0", "0g", "g0", "0x", " 0", "-1"}) CHECK(!from_hex(wrong));
}

TEST_CASE("base64 is read as Python reads it") {
  CHECK(loose_base64("IHRoZQ==") == " the");
  CHECK(loose_base64("54w=") == "\xE7\x8C");
  CHECK(loose_base64("+/+/") == "\xFB\xFF\xBF");
  CHECK(loose_base64("") == "");
  CHECK(loose_base64("I!H R\noZR") == " the");  // the last bits are ignored
  CHECK(loose_base64("IQ==IQ==") == "!");
  CHECK(!loose_base64("I"));
  CHECK(!loose_base64("IHRoZ==="));
}

TEST_CASE("every code point survives UTF-8") {
  for (char32_t point = 0; point <= 0x10FFFF; point += point < 0x900 ? 1 : 0xFD) {
    if (point >= 0xD800 && point < 0xE000) continue;
    char letter[4];
    const std::string_view text(letter, static_cast<size_t>(encode_utf8(point, letter) - letter));
    CAPTURE(static_cast<uint32_t>(point));
    REQUIRE(utf8_sequence_length(text) == text.size());
    REQUIRE(decode_utf8(text) == point);
  }
}

TEST_CASE("lower case changes ASCII letters only") {
  CHECK(lower_case("LICENCE-2.0 \xC3\x89 [@`{") == "licence-2.0 \xC3\x89 [@`{");
}

}  // namespace
}  // namespace wmk
