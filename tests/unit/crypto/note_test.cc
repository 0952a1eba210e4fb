// Signed notes and checkpoints: what is read, and what is refused.
#include "crypto/note.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/encoding.h"

namespace wmk::crypto {

namespace {

const std::string kBody = "example.org/log\n42\n" + to_base64(Bytes(32, std::byte{7})) + "\n";
const std::string kLine = "\xE2\x80\x94 example.org/log AAAAAQIDBA==\n";

}  // namespace

TEST_CASE("a note is split at its last empty line", "[crypto]") {
  const auto note = parse_note("a\n\nb\n\n" + kLine + "\xE2\x80\x94 w\xC3\xAFtness AQIDBAU=\n");
  REQUIRE(note);
  CHECK(note->text == "a\n\nb\n");
  REQUIRE(note->signatures.size() == 2);
  CHECK(note->signatures[0].name == "example.org/log");
  CHECK(note->signatures[0].id ==
        NoteKeyId{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}});
  CHECK(to_hex(note->signatures[0].bytes) == "020304");
  CHECK(note->signatures[1].name == "w\xC3\xAFtness");
  CHECK(note_signature_line(note->signatures[0]) == kLine);
}

TEST_CASE("a malformed note is refused", "[crypto][bad-input]") {
  for (const std::string& text : std::vector<std::string>{
           "", "\n", "\n\n", "\n\n" + kLine, kBody, kBody + "\n", kBody + kLine,
           kBody + "\n" + kLine + "rest\n", kBody + "\n" + kLine.substr(0, kLine.size() - 1),
           kBody + "\n\xE2\x80\x94 a AAAA\n", kBody + "\n\xE2\x80\x94 a AAAAAA=\n",
           kBody + "\n\xE2\x80\x94 a+b AAAAAQ==\n", kBody + "\n\xE2\x80\x94  AAAAAQ==\n",
           kBody + "\n\xE2\x80\x94 a\xC2\xA0"
                   "b AAAAAQ==\n",
           kBody + "\n- a AAAAAQ==\n", "a\tb\n\n" + kLine, "a\xFF\n\n" + kLine,
           std::string("a\0\n\n", 4) + kLine}) {
    CAPTURE(text);
    CHECK_FALSE(parse_note(text));
  }
}

TEST_CASE("a note has limits for its bytes and its signatures", "[crypto][bad-input]") {
  std::string most = kBody + "\n";
  for (size_t i = 0; i < kNoteSignaturesMax; ++i) most += kLine;
  CHECK(parse_note(most));
  const auto more = parse_note(most + kLine);
  REQUIRE_FALSE(more);
  CHECK(more.error().code() == ErrorCode::limit_exceeded);
  const auto longer = parse_note(cat(std::string(kNoteBytesMax, 'a'), "\n\n", kLine));
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code() == ErrorCode::limit_exceeded);
}

TEST_CASE("a checkpoint is origin, size and root", "[crypto]") {
  const auto checkpoint = parse_checkpoint(kBody + "an extension\n");
  REQUIRE(checkpoint);
  CHECK(checkpoint->origin == "example.org/log");
  CHECK(checkpoint->head.size == 42);
  CHECK(checkpoint->head.root[31] == std::byte{7});
  CHECK(checkpoint->extensions == std::vector<std::string>{"an extension"});
  CHECK(checkpoint_text(*checkpoint) == kBody + "an extension\n");
}

TEST_CASE("a malformed checkpoint is refused", "[crypto][bad-input]") {
  const std::string root = to_base64(Bytes(32)), small = to_base64(Bytes(31));
  for (const std::string& text : std::vector<std::string>{
           "", "a\n", "a\n1\n", cat("a\n1\n", root), cat("a\n1\n", small, "\n"),
           cat("\n1\n", root, "\n"), cat("a\n01\n", root, "\n"), cat("a\n-1\n", root, "\n"),
           cat("a\n+1\n", root, "\n"), cat("a\n\n", root, "\n"), cat("a\n1 \n", root, "\n"),
           cat("a\n18446744073709551616\n", root, "\n"), cat("a\n1\n", root, "=\n"),
           cat("a\n1\n", root, "\n\nb\n")}) {
    CAPTURE(text);
    CHECK_FALSE(parse_checkpoint(text));
  }
}

}  // namespace wmk::crypto
