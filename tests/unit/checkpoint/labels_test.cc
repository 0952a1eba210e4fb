#include "checkpoint/labels.h"

#include <catch2/catch.hpp>

#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::must;
using test::Scratch;
using Strings = std::vector<std::string>;

constexpr std::string_view kByteLevel =
    R"({"decoder": {"type": "ByteLevel"}, "model": {"vocab": {"a": 0, "\u0120b": 1}}})";

class LabelledModel {
 public:
  LabelledModel() { test::write_tiny_model(scratch.folder(), "llama", {.vocabulary = 4}); }

  Strings words() const {
    Strings out;
    const auto opened = must(Checkpoint::open(scratch.folder()));
    for (const auto& variant : label_variants(opened, 4)) out.push_back(variant.words);
    return out;
  }
  Strings labels(size_t index) const {
    const auto opened = must(Checkpoint::open(scratch.folder()));
    return must(read_vocabulary(opened, 4, label_variants(opened, 4).at(index))).strings;
  }

  Scratch scratch;
};

}  // namespace

TEST_CASE("each tokenizer file and each decoder is a variant of the labels, once") {
  LabelledModel model;
  CHECK(model.words() == Strings{""});  // "token0": every decoder gives the same
  model.scratch.put("tokenizer.json", kByteLevel);
  CHECK(model.words() == Strings{"", "tokens as metaspace"});
  CHECK(model.labels(0) == Strings{"a", " b", "#2", "#3"});
  CHECK(model.labels(1) == Strings{"a", "\u0120b", "#2", "#3"});
  // The same tokens in another format, other tokens, and a file that cannot be read.
  model.scratch.put("qwen.tiktoken", "YQ== 0\nIGI= 1\n");
  model.scratch.put("tokenizer.model", "YQ== 1\nIGI= 0\n");
  model.scratch.put("tekken.json", "{}");
  CHECK(model.words() == Strings{"", "tokens of tokenizer.model", "tokens as metaspace"});
  CHECK(model.labels(1) == Strings{" b", "a", "#2", "#3"});
}

TEST_CASE("a special token is decoded where the declared decoder is not believed") {
  LabelledModel model;
  model.scratch.put("tokenizer.json", R"({"model": {"vocab": {}}, "added_tokens": [)"
                                      R"({"id": 0, "content": "\u0120b", "special": true}]})");
  CHECK(model.labels(0)[0] == "\u0120b");
  CHECK(model.words() == Strings{"", "tokens as byte-level"});
  CHECK(model.labels(1)[0] == " b");
}

TEST_CASE("a tokenizer that cannot be read leaves the other files as variants") {
  LabelledModel model;
  model.scratch.put("tokenizer.json", "{");
  CHECK(model.words() == Strings{""});
  CHECK(model.labels(0)[0] == "#0");
  model.scratch.put("vocab.json", R"({"a": 0, "\u0120b": 1})");
  CHECK(model.words() == Strings{"", "tokens of vocab.json", "tokens of vocab.json as byte-level"});
  CHECK(model.labels(2)[1] == " b");
}

}  // namespace wmk::checkpoint
