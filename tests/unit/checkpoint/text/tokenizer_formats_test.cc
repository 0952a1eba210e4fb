// One tokenizer in several file formats, and how a format is recognised.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/text/tokenizer.h"
#include "checkpoint/text/tokenizer_files.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::must;
using test::Scratch;
using Strings = std::vector<std::string>;

// The tokens "!", " the", the bytes E7 8C, and a tab.
constexpr std::string_view kTiktoken = "IQ== 0\nIHRoZQ== 1\n54w= 2\nCQ== 3\n";
constexpr std::string_view kHuggingFace =
    R"({"decoder": {"type": "ByteLevel"}, "model": {"vocab":)"
    R"( {"!": 0, "\u0120the": 1, "\u00e7\u012e": 2, "\u0109": 3}},)"
    R"( "added_tokens": [{"id": 4, "content": "<|end|>", "special": true}]})";
constexpr std::string_view kIds =
    R"({"!": 0, "\u0120the": 1, "\u00e7\u012e": 2, "\u0109": 3, "<|end|>": 4})";

Strings labels_in(std::string_view file, std::string_view content, uint64_t rows = 6) {
  Scratch scratch;
  scratch.put(file, content);
  if (file == "vocab.json") scratch.put("merges.txt", "");
  const Vocabulary vocabulary = must(read_vocabulary(scratch.folder(), rows));
  CHECK(vocabulary.source == file);
  return vocabulary.strings;
}

std::string tekken(std::string_view config, std::string_view special) {
  return cat(R"({"config": {)", config, R"(}, "vocab": [{"rank": 0, "token_bytes": "IQ==")",
             R"(, "token_str": "!"}, {"rank": 1, "token_bytes": "IHRoZQ=="},)",
             R"( {"rank": 2, "token_bytes": "54w=", "token_str": null}])", special, "}");
}

std::string tokenizer_refusal(std::string_view file, std::string_view content) {
  Scratch scratch;
  scratch.put(file, content);
  const auto vocabulary = read_vocabulary(scratch.folder(), 4);
  REQUIRE(!vocabulary);
  CHECK(vocabulary.error().code() == ErrorCode::malformed);
  return vocabulary.error().message();
}

}  // namespace

TEST_CASE("byte-level tokens have the same labels in every file format") {
  const Strings tokens = {"!", " the", "\xE7\x8C", "\t"};
  Strings with_special = tokens, without = tokens;
  with_special.insert(with_special.end(), {"<|end|>", "#5"});
  without.insert(without.end(), {"#4", "#5"});
  CHECK(labels_in("tokenizer.json", kHuggingFace) == with_special);
  CHECK(labels_in("vocab.json", kIds) == with_special);
  CHECK(labels_in("tokenizer.model", kTiktoken) == without);
  CHECK(labels_in("qwen.tiktoken", kTiktoken) == without);
}

TEST_CASE("tokenizer_config.json names tokens that the tokenizer file lacks") {
  Scratch scratch;
  scratch.put("tokenizer.model", kTiktoken);
  const auto labels = [&](std::string_view added) {
    scratch.put("tokenizer_config.json", cat(R"({"added_tokens_decoder": )", added, "}"));
    return must(read_vocabulary(scratch.folder(), 6)).strings;
  };
  const Strings lacking = {"!", " the", "\xE7\x8C", "\t", "#4", "#5"};
  Strings named = lacking;
  named[4] = "<|end|>";
  CHECK(labels(R"({"4": {"content": "<|end|>", "special": true}, "9": {"content": "x"},)"
               R"( "1": {"content": "a"}})") == named);
  for (const char* const odd : {"[]", R"({"4": "x"})", R"({"x4": {"content": "x"}})",
                                R"({"4": {"content": 1}})", R"({"-1": {"content": "x"}})", "{"}) {
    CAPTURE(odd);
    CHECK(labels(odd) == lacking);
  }
}

TEST_CASE("tekken.json begins with its special tokens") {
  const std::string listed =
      R"(, "special_tokens": [{"rank": 1, "token_str": "<s>", "is_control": true},)"
      R"( {"rank": 0, "token_str": "<unk>", "is_control": true}])";
  CHECK(labels_in("tekken.json", tekken(R"("default_num_special_tokens": 3)", listed), 7) ==
        Strings{"<unk>", "<s>", "<SPECIAL_2>", "!", " the", "\xE7\x8C", "#6"});
  CHECK(labels_in("tekken.json", tekken("", listed)) ==
        Strings{"<unk>", "<s>", "!", " the", "\xE7\x8C", "#5"});
  // Tokens beyond the size that the model uses have no row.
  CHECK(labels_in("tekken.json", tekken(R"("default_vocab_size": 4)", listed)) ==
        Strings{"<unk>", "<s>", "!", " the", "#4", "#5"});
  // The first versions list no special tokens: 20 are implied, and the rest is numbered.
  const Strings old =
      labels_in("tekken_240718.json", tekken(R"("default_num_special_tokens": 22)", ""), 25);
  CHECK(old[0] == "<unk>");
  CHECK(old[19] == "[TOOL_CONTENT]");
  CHECK(Strings(old.begin() + 20, old.end()) ==
        Strings{"<SPECIAL_20>", "<SPECIAL_21>", "!", " the", "\xE7\x8C"});
}

TEST_CASE("the format of a tokenizer file follows from its content") {
  const std::string model =
      test::content_of(WMK_SOURCE_DIR "/tests/vectors/sentencepiece/bpe.model");
  const Strings pieces = labels_in("tokenizer.model", model, 300);
  CHECK(labels_in("other.model", model, 300) == pieces);
  CHECK(labels_in("tokenizer.model.v3", model, 300) == pieces);
  CHECK(labels_in("tiktoken.model", kTiktoken) == labels_in("tokenizer.model", kTiktoken));
  CHECK(labels_in("tokenizer.model", kHuggingFace) == labels_in("tokenizer.json", kHuggingFace));
  CHECK(labels_in("vocab.json", kHuggingFace) == labels_in("tokenizer.json", kHuggingFace));
  const std::string mistral = tekken(R"("default_num_special_tokens": 3)", "");
  CHECK(labels_in("tokenizer.json", mistral) == labels_in("tekken.json", mistral));
  // Tokens may be called as the members of another format are.
  CHECK(labels_in("vocab.json", R"({"model": 1, "vocab": 0, "config": 2})", 3) ==
        Strings{"vocab", "model", "config"});
  // What Python's base64 reads.
  CHECK(labels_in("tokenizer.model", "\n\nI!Q== 0\r\nIHRoZR= \t1\n", 2) == Strings{"!", " the"});
}

TEST_CASE("damaged tiktoken and tekken files are errors", "[bad-input]") {
  for (const char* const line :
       {"IQ==", "IQ== x", "IQ== -1", "IQ== 1 2", " 1", "I 1", "IQ== 18446744073709551616", "= 5"}) {
    CAPTURE(line);
    CHECK_THAT(tokenizer_refusal("a.tiktoken", cat("IQ== 0\n", line, "\n")),
               Catch::Contains("a.tiktoken: line 2: is not a token in base64 and its rank"));
  }
  const std::pair<std::string, std::string_view> damaged[] = {
      {"{}", "has no list 'vocab'"},
      {R"({"vocab": {}, "config": {}})", "has no list 'vocab'"},
      {R"({"vocab": [1]})", "vocab: an entry has no rank"},
      {R"({"vocab": [{"rank": 0}]})", "vocab: an entry has no rank"},
      {R"({"vocab": [{"rank": -1, "token_bytes": "IQ=="}]})", "vocab: an entry has no rank"},
      {R"({"vocab": [{"rank": 0, "token_bytes": "I"}]})", "vocab: an entry has no rank"},
      {R"({"vocab": [{"rank": 18446744073709551615, "token_bytes": "IQ=="}]})", "is too large"},
      {R"({"vocab": [], "special_tokens": {}})", "special_tokens is not a list"},
      {R"({"vocab": [], "special_tokens": [{"rank": 1}]})", "special_tokens: an entry has no rank"},
  };
  for (const auto& [text, words] : damaged) {
    CAPTURE(text);
    CHECK_THAT(tokenizer_refusal("tekken.json", text), Catch::Contains(std::string(words)));
  }
  // A huge number of special tokens costs no memory.
  const std::string many =
      R"({"vocab": [], "config": {"default_num_special_tokens": 18446744073709551615}})";
  CHECK(labels_in("tekken.json", many, 30)[29] == "<SPECIAL_29>");
}

TEST_CASE("a tokenizer file cut or changed anywhere is refused or read", "[bad-input]") {
  Scratch scratch;
  const auto read = [&](const std::string& name, const std::string& content) {
    scratch.put(name, content);
    for (const LabelRule rule : {LabelRule::declared, LabelRule::byte_level}) {
      const auto vocabulary = read_tokenizer_file(scratch.folder(), name, 6, {rule, true});
      if (vocabulary) CHECK(vocabulary->strings.size() == 6);
    }
  };
  const std::pair<std::string, std::string> files[] = {
      {"tokenizer.model", std::string(kTiktoken)},
      {"tokenizer.json", std::string(kHuggingFace)},
      {"tekken.json", tekken(R"("default_num_special_tokens": 3)", "")}};
  for (const auto& [name, whole] : files) {
    for (size_t at = 0; at < whole.size(); ++at) {
      read(name, whole.substr(0, at));
      for (const char other : {'\0', '"', '9', '{', '\xff'}) {
        std::string changed = whole;
        changed[at] = other;
        read(name, changed);
      }
    }
  }
}

TEST_CASE("a versioned tokenizer is selected as transformers selects it") {
  Scratch scratch;
  const auto chosen = [&](std::string_view list) {
    scratch.put("tokenizer_config.json", cat(R"({"fast_tokenizer_files": )", list, "}"));
    return tokenizer_files(scratch.folder());
  };
  scratch.put("tokenizer.json", kHuggingFace);
  for (const char* version : {"4.0.0", "5.9", "5.24.1", "6.0.0"}) {
    scratch.put(cat("tokenizer.", version, ".json"), R"({"model": {"vocab": {"x": 0}}})");
  }
  CHECK(chosen(R"(["tokenizer.json"])").front() == "tokenizer.json");
  CHECK(chosen(R"(["tokenizer.4.0.0.json", "tokenizer.json"])").front() == "tokenizer.4.0.0.json");
  CHECK(chosen(R"(["tokenizer.5.9.json", "tokenizer.4.0.0.json"])").front() ==
        "tokenizer.5.9.json");
  // Versions are sorted as text, and the first that is newer ends the search.
  CHECK(chosen(R"(["tokenizer.4.0.0.json", "tokenizer.6.0.0.json"])").front() ==
        "tokenizer.4.0.0.json");
  CHECK(chosen(R"(["tokenizer.10.0.json", "tokenizer.4.0.0.json"])").front() == "tokenizer.json");
  for (const char* const odd : {"7", "{}", R"([1])", R"(["tokenizer.x.json"])",
                                R"(["tokenizer.4.1.json"])", R"(["../tokenizer.4.0.0.json"])"}) {
    CAPTURE(odd);
    CHECK(chosen(odd).front() == "tokenizer.json");
    const auto missing = missing_tokenizer(scratch.folder());
    CHECK(missing.has_value() == (std::string_view(odd).find(".4.") != std::string::npos));
    CHECK(read_vocabulary(scratch.folder(), 1).has_value() == !missing);
  }
  const Strings all = chosen(R"(["tokenizer.4.0.0.json"])");
  CHECK(all == Strings{"tokenizer.4.0.0.json", "tokenizer.json", "tokenizer.5.24.1.json",
                       "tokenizer.5.9.json", "tokenizer.6.0.0.json"});
  CHECK(must(read_vocabulary(scratch.folder(), 1)).strings == Strings{"x"});
}

}  // namespace wmk::checkpoint
