#include "base/text.h"

#include <catch2/catch.hpp>

namespace wmk {
namespace {

TEST_CASE("text of strangers is shown in one line, and nothing in it drives a terminal",
          "[base][bad-input]") {
  CHECK(escaped("a \"quoted\" word, it's plain \xC3\xA9") ==
        "a \"quoted\" word, it's plain \xC3\xA9");
  CHECK(escaped("\x1b[31m\r\n\t\x7f") == "\\x1b[31m\\x0d\\x0a\\x09\\x7f");
  CHECK(escaped(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(escaped("\xC2\x9b") == "\\u{9b}");                             // C1 drives terminals too
  CHECK(escaped("\xE2\x80\xAE\xE2\x80\x8B") == "\\u{202e}\\u{200b}");  // turned, hidden
  CHECK(escaped("\xFF\xC0\xAF\xED\xA0\x80") == "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
  CHECK(escaped("\\x1b") == "\\x5cx1b");  // no code of ours
}

}  // namespace
}  // namespace wmk
