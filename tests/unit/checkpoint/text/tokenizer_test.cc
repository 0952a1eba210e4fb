#include "checkpoint/text/tokenizer.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::Scratch;
using Strings = std::vector<std::string>;

Vocabulary vocabulary_of(std::string_view json, uint64_t rows) {
  Scratch scratch;
  scratch.put("tokenizer.json", json);
  auto vocabulary = read_vocabulary(scratch.folder(), rows);
  INFO((vocabulary ? "" : vocabulary.error().message()));
  REQUIRE(vocabulary);
  return *vocabulary;
}

}  // namespace

TEST_CASE("without a tokenizer every label is the number of its row") {
  Scratch scratch;
  const auto vocabulary = read_vocabulary(scratch.folder(), 3);
  REQUIRE(vocabulary);
  CHECK(vocabulary->source.empty());
  CHECK(vocabulary->strings == Strings{"#0", "#1", "#2"});
  CHECK(vocabulary->named == 0);
}

TEST_CASE("a vocabulary of pairs is read by id, and added tokens replace its strings") {
  const auto vocabulary = vocabulary_of(
      R"({"model": {"type": "BPE", "vocab": {"b": 1, "\u0120a": 0, "old": 3, "far": 9}},
          "added_tokens": [{"id": 3, "content": "<new>"}, {"id": 9, "content": "far"},
                           {"id": 10, "content": "x"}]})",
      5);
  CHECK(vocabulary.source == "tokenizer.json");
  CHECK(vocabulary.strings == Strings{"\u0120a", "b", "#2", "<new>", "#4"});
  CHECK(vocabulary.named == 3);
  CHECK(vocabulary.beyond == 2);
}

TEST_CASE("a unigram vocabulary is read by position") {
  const auto vocabulary =
      vocabulary_of(R"({"model": {"type": "Unigram", "vocab": [["<pad>", 0.0], ["\u2581the", -3.5],
                        ["\u0000", -9]]}, "added_tokens": null})",
                    4);
  CHECK(vocabulary.strings == Strings{"<pad>", "\u2581the", std::string(1, '\0'), "#3"});
  CHECK(vocabulary.named == 3);
}

TEST_CASE("vocab.json is read where there is no tokenizer.json") {
  Scratch scratch;
  scratch.put("vocab.json", R"({"a": 1, "b": 0})");
  auto vocabulary = read_vocabulary(scratch.folder(), 2);
  REQUIRE(vocabulary);
  CHECK(vocabulary->source == "vocab.json");
  CHECK(vocabulary->strings == Strings{"b", "a"});
  scratch.put("tokenizer.json", R"({"model": {"vocab": {"c": 0}}})");
  vocabulary = read_vocabulary(scratch.folder(), 2);
  REQUIRE(vocabulary);
  CHECK(vocabulary->strings == Strings{"c", "#1"});
}

TEST_CASE("damaged tokenizers are errors that name the file") {
  Scratch scratch;
  const char* const damaged[] = {
      "",
      "{}",
      R"({"model": {}})",
      R"({"model": {"vocab": "words"}})",
      R"({"model": {"vocab": {"a": -1}}})",
      R"({"model": {"vocab": {"a": 1.0}}})",
      R"({"model": {"vocab": {"a": "1"}}})",
      R"({"model": {"vocab": {"a": 0, "a": 1}}})",
      R"({"model": {"vocab": ["a"]}})",
      R"({"model": {"vocab": [["a"]]}})",
      R"({"model": {"vocab": [[1, "a"]]}})",
      R"({"model": {"vocab": {}}, "added_tokens": {}})",
      R"({"model": {"vocab": {}}, "added_tokens": [1]})",
      R"({"model": {"vocab": {}}, "added_tokens": [{"id": 1}]})",
      R"({"model": {"vocab": {}}, "added_tokens": [{"content": "a"}]})",
      R"({"model": {"vocab": {}}, "added_tokens": [{"content": "a", "id": 0.5}]})",
  };
  for (const char* json : damaged) {
    CAPTURE(json);
    scratch.put("tokenizer.json", json);
    const auto vocabulary = read_vocabulary(scratch.folder(), 2);
    REQUIRE(!vocabulary);
    const bool has_twice = std::string_view(json).find(R"("a": 0, "a": 1)") != std::string::npos;
    CHECK(vocabulary.error().code() ==
          (has_twice ? ErrorCode::duplicate_key : ErrorCode::malformed));
    CHECK(vocabulary.error().message().starts_with("tokenizer.json: "));
  }
}

TEST_CASE("a claim of more rows than any vocabulary has is refused") {
  Scratch scratch;
  const auto vocabulary = read_vocabulary(scratch.folder(), 1ull << 40);
  REQUIRE(!vocabulary);
  CHECK(vocabulary.error().code() == ErrorCode::limit_exceeded);
}

TEST_CASE("a token stands for bytes, however its file spells it") {
  const auto labels = [](const std::string& decoder, const std::string& vocabulary) {
    return vocabulary_of(cat(R"({"decoder": )", decoder, R"(, "model": {"vocab": )", vocabulary,
                             R"(}, "added_tokens": [)",
                             R"({"id": 3, "content": "\u0120s", "special": true},)",
                             R"({"id": 4, "content": "\u0120a", "special": false}]})"),
                         5)
        .strings;
  };
  const std::string bytes = "\xE7\x8C";  // the first two bytes of a character
  CHECK(labels(R"({"type": "ByteLevel"})", R"({"\u0120the": 0, "\u00e7\u012e": 1, "\u4f1a": 2})") ==
        Strings{" the", bytes, "\u4f1a", "\u0120s", " a"});
  const std::string steps =
      R"({"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"},)"
      R"( "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]})";
  CHECK(labels(steps, R"({"\u2581the": 0, "<0xE7>": 1, "<0xZZ>": 2})") ==
        Strings{" the", "\xE7", "<0xZZ>", "\u0120s", "\u0120a"});
  CHECK(labels(R"({"type": "Metaspace"})", R"({"\u2581the": 0, "<0xE7>": 1})")[1] == "<0xE7>");
  CHECK(labels("null", R"({"\u2581the": 0})")[0] == "\u2581the");
  Scratch scratch;
  scratch.put("vocab.json", R"({"\u0120the": 0})");
  CHECK(read_vocabulary(scratch.folder(), 1)->strings[0] == "\u0120the");
  scratch.put("merges.txt", "#version: 0.2\n");
  CHECK(read_vocabulary(scratch.folder(), 1)->strings[0] == " the");
}

}  // namespace wmk::checkpoint
