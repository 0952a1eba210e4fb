// tokenizer.model, compared with tokenizer.json and GGUF of the same model.
#include "checkpoint/text/sentencepiece.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/support/marking.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::must;
using test::Scratch;

constexpr uint64_t kRows = 400;

std::string vector(std::string_view name) {
  return test::content_of(cat(WMK_SOURCE_DIR "/tests/vectors/sentencepiece/", name));
}

Vocabulary labels_of(std::string_view file, const std::string& content) {
  Scratch scratch;
  scratch.put(file, content);
  return must(read_vocabulary(scratch.folder(), kRows));
}

std::string upper_hex(std::byte byte) {
  std::string hex = to_hex({&byte, 1});
  for (char& c : hex) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return hex;
}

// Text and type as written by the conversion of llama.cpp, of a label.
std::pair<std::string, int32_t> converted(const std::string& label, uint64_t row) {
  constexpr uint64_t kFirstByte = 5;
  if (label == "<unk>") return {label, 2};
  if (label == "<s>" || label == "</s>") return {label, 3};
  if (label == "<|tool|>" || label == "  ") return {label, 4};
  if (row >= kFirstByte && row < kFirstByte + 256) {
    const auto byte = static_cast<std::byte>(row - kFirstByte);
    return {cat("<0x", upper_hex(byte), ">"), 6};
  }
  std::string piece;
  for (const char c : label) c == ' ' ? piece.append("\u2581") : piece.append(1, c);
  return {piece, 1};
}

std::string field(unsigned number, std::string_view content) {
  std::string out(1, static_cast<char>(number << 3 | 2));
  out += static_cast<char>(content.size());
  return out.append(content);
}

std::string sentencepiece_refusal(const std::string& model) {
  Scratch scratch;
  scratch.put("tokenizer.model", model);
  const auto read = read_vocabulary(scratch.folder(), kRows);
  REQUIRE(!read);
  CHECK(read.error().code() == ErrorCode::malformed);
  return read.error().message();
}

}  // namespace

TEST_CASE("the pieces of a SentencePiece model are the labels of the tokenizer.json made of it") {
  for (const std::string kind : {"unigram", "bpe"}) {
    CAPTURE(kind);
    const Vocabulary own = labels_of("tokenizer.model", vector(kind + ".model"));
    const Vocabulary hub = labels_of("tokenizer.json", vector(kind + ".json"));
    CHECK(own.source == "tokenizer.model");
    CHECK(own.named > 256);
    CHECK(own.strings[5] == std::string(1, '\0'));
    CHECK(own.strings == hub.strings);
    CHECK(own.named == hub.named);
  }
}

TEST_CASE("a sentencepiece vocabulary has the same labels in GGUF and as tokenizer.json") {
  for (const std::string kind : {"unigram", "bpe"}) {
    CAPTURE(kind);
    const Vocabulary hub = labels_of("tokenizer.json", vector(kind + ".json"));
    std::vector<std::string> tokens;
    std::vector<int32_t> types;
    for (uint64_t row = 0; row < hub.named; ++row) {
      const auto [text, type] = converted(hub.strings[row], row);
      tokens.push_back(text);
      types.push_back(type);
    }
    test::GgufBuilder file;
    file.text("general.architecture", "llama").text("tokenizer.ggml.model", "llama");
    file.texts("tokenizer.ggml.tokens", tokens).i32s("tokenizer.ggml.token_type", types);
    Scratch scratch;
    const auto path = scratch.put("m.gguf", file.tensor("x", {1}).finish());
    const auto opened = must(Checkpoint::open(path));
    CHECK(must(read_vocabulary(opened, kRows)).strings == hub.strings);
  }
}

TEST_CASE("a damaged SentencePiece model is an error", "[bad-input]") {
  const std::string good = field(1, field(1, "a"));
  CHECK(labels_of("tokenizer.model", good + field(2, "rest")).named == 1);
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "tokenizer.model: has no pieces"},
      {field(2, "x"), "has no pieces"},
      {good + "\x0a\x05", "is cut off"},
      {good + "\x0a", "is cut off"},
      {good + std::string(11, '\xff'), "is cut off"},
      {good + "\x0b", "is cut off"},                      // a group
      {good + std::string("\x02\x00", 2), "is cut off"},  // field 0
      {"\x08\x01", "has no pieces"},
      {good + field(1, ""), "piece 1: has no string"},
      {good + field(1, field(1, "")), "piece 1: has no string"},
      {good + field(1, field(1, "a") + field(1, "b")), "piece 1: has two strings"},
      {good + field(1, "\x08\x01"), "piece 1: has no string"},
      {good + field(1, field(1, "\xc3")), "piece 1: is not UTF-8"},
      {good + field(1, "\x0a\x09x"), "is cut off"},
  };
  for (const auto& [model, words] : cases) {
    CAPTURE(to_hex(as_bytes(model)), words);
    CHECK_THAT(sentencepiece_refusal(model), Catch::Contains(std::string(words)));
  }
}

TEST_CASE("a SentencePiece model cut anywhere is refused or has fewer pieces", "[bad-input]") {
  const std::string whole = vector("bpe.model");
  uint64_t all = 0;
  const auto count = [](uint64_t& to) { return [&to](uint64_t, std::string_view) { ++to; }; };
  REQUIRE(read_sentencepiece(as_bytes(whole), count(all)));
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    uint64_t pieces = 0;
    (void)read_sentencepiece(as_bytes(whole).first(bytes), count(pieces));
    CHECK(pieces <= all);
  }
}

}  // namespace wmk::checkpoint
