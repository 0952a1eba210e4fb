// GGUF as a checkpoint: parts, folders, labels, and commands that refuse to write it.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/write/copy.h"
#include "tests/support/marking.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using Catch::Matchers::Contains;
using wmk::test::GgufBuilder;
using wmk::test::must;
using wmk::test::Scratch;

Checkpoint opened_gguf(const std::filesystem::path& path) {
  auto checkpoint = Checkpoint::open(path);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  return std::move(*checkpoint);
}

std::string gguf_refusal(const std::filesystem::path& path) {
  auto checkpoint = Checkpoint::open(path);
  REQUIRE(!checkpoint);
  return checkpoint.error().message();
}

GgufBuilder model(std::string_view architecture = "llama") {
  GgufBuilder file;
  file.text("general.architecture", architecture);
  return file;
}

// Part `number` (from 1) of `count`; the first has the keys of the model.
GgufBuilder part(uint16_t number, uint16_t count, int32_t tensors) {
  GgufBuilder file = number == 1 ? model() : GgufBuilder();
  file.u16("split.no", static_cast<uint16_t>(number - 1)).u16("split.count", count);
  return file.i32("split.tensors.count", tensors);
}

}  // namespace

TEST_CASE("a GGUF file is a checkpoint, by its content, alone or in a folder") {
  Scratch scratch;
  scratch.put("m/model.gguf", model().tensor("x", {3, 2}).finish());
  scratch.put("m/config.json", R"({"model_type": "another"})");
  scratch.put("named.bin", model().tensor("x", {3, 2}).finish());
  for (const auto& path : {scratch / "m", scratch / "m/model.gguf", scratch / "named.bin"}) {
    const Checkpoint checkpoint = opened_gguf(path);
    CHECK(checkpoint.format() == "GGUF");
    REQUIRE(checkpoint.tensors().size() == 1);
    CHECK(checkpoint.tensors()[0].shape == std::vector<uint64_t>{2, 3});
    CHECK(must(read_config(checkpoint)).model_type == "llama");
  }
}

TEST_CASE("safetensors in a folder are preferred to GGUF") {
  Scratch scratch;
  scratch.put("model.gguf", model().tensor("x", {3}).finish());
  scratch.put("model.safetensors", test::tiny_file({{"y", "12"}}));
  CHECK(opened_gguf(scratch.folder()).format() == "safetensors");
}

TEST_CASE("several GGUF models in one folder are an error that lists them") {
  Scratch scratch;
  scratch.put("a.gguf", model().tensor("x", {3}).finish());
  scratch.put("b.gguf", model().tensor("x", {3}).finish());
  CHECK_THAT(gguf_refusal(scratch.folder()), Contains("has 2 GGUF models: 'a.gguf', 'b.gguf'"));
  CHECK(opened_gguf(scratch / "a.gguf").tensors().size() == 1);
}

TEST_CASE("naming any part of a split GGUF, or the folder, opens all") {
  Scratch scratch;
  const auto name = [](int i) { return cat("m-0000", i, "-of-00003.gguf"); };
  scratch.put(name(1), part(1, 3, 2).finish());
  scratch.put(name(2), part(2, 3, 2).tensor("a", {4}).finish());
  scratch.put(name(3), part(3, 3, 2).tensor("b", {4}).finish());
  for (const auto& path : {scratch.folder(), scratch / name(1), scratch / name(3)}) {
    const Checkpoint checkpoint = opened_gguf(path);
    CHECK(checkpoint.files().size() == 3);
    CHECK(checkpoint.tensors().size() == 2);
    CHECK(checkpoint.find("b")->file == 2);
    CHECK(must(read_config(checkpoint)).model_type == "llama");
  }
}

TEST_CASE("parts of a GGUF model that do not belong together are refused", "[bad-input]") {
  Scratch scratch;
  const std::string one = "m-00001-of-00002.gguf", two = "m-00002-of-00002.gguf";
  scratch.put(one, part(1, 2, 2).tensor("a", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch.folder()), Contains(two));
  scratch.put(two, part(2, 2, 2).tensor("a", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch.folder()), Contains("'a': is in two files"));
  scratch.put(two, part(1, 2, 2).tensor("b", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch / two), Contains("its name says part 2 of 2, split.no says 0"));
  scratch.put(two, part(2, 3, 2).tensor("b", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch / one), Contains("the model has 3 parts, its name says 2"));
  scratch.put(two, part(2, 2, 3).tensor("b", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch / one), Contains("split.tensors.count is missing or differs"));
  scratch.put(one, part(1, 2, 3).tensor("a", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch / one), Contains("split.tensors.count is 3, the parts hold 2"));
  scratch.put("alone.gguf", part(1, 2, 2).tensor("a", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch / "alone.gguf"),
             Contains("the model has 2 parts, its name says 1"));
  scratch.put("n-00001-of-00002.gguf", model().tensor("a", {4}).finish());
  CHECK_THAT(gguf_refusal(scratch / "n-00001-of-00002.gguf"),
             Contains("the model has 1 parts, its name says 2"));
}

TEST_CASE("a part of a GGUF model that is a link out of the folder is refused", "[bad-input]") {
  Scratch scratch;
  scratch.put("m/m-00001-of-00002.gguf", part(1, 2, 2).tensor("a", {4}).finish());
  const auto outside = scratch.put("else.gguf", part(2, 2, 2).tensor("b", {4}).finish());
  std::filesystem::create_symlink(outside, scratch / "m/m-00002-of-00002.gguf");
  CHECK_THAT(gguf_refusal(scratch / "m"), Contains("is a link that leads out of the folder"));
}

TEST_CASE("keys of a GGUF file give the config") {
  Scratch scratch;
  GgufBuilder file = model("qwen3moe");
  file.u32("qwen3moe.embedding_length", 8).u32("qwen3moe.block_count", 3);
  file.u32("qwen3moe.expert_count", 4).u32("qwen3moe.expert_used_count", 2);
  file.u32("qwen3moe.context_length", 99).texts("tokenizer.ggml.tokens", {"a", "b"});
  const auto path = scratch.put("m.gguf", file.tensor("x", {1}).finish());
  const Config config = must(read_config(opened_gguf(path)));
  CHECK(config.present);
  CHECK(config.model_type == "qwen3moe");
  CHECK(config.hidden_size == 8);
  CHECK(config.layers == 3);
  CHECK(config.experts == 4);
  CHECK(config.experts_per_token == 2);
  CHECK(config.context == 99);
  CHECK(config.vocabulary == 2);
}

TEST_CASE("tokens of a GGUF file are the labels of the tokenizer it was made of") {
  Scratch scratch;
  const std::vector<std::string> tokens = {"<s>",    "\xE2\x96\x81the", "  ",
                                           "[PAD3]", "[PAD3]",          "<0x0A>"};
  const auto labels = [&](std::string_view tokenizer, uint64_t rows) {
    GgufBuilder file = model();
    file.text("tokenizer.ggml.model", tokenizer).texts("tokenizer.ggml.tokens", tokens);
    file.i32s("tokenizer.ggml.token_type", {3, 1, 4, 5, 1, 6});
    return must(
        read_vocabulary(opened_gguf(scratch.put("m.gguf", file.tensor("x", {1}).finish())), rows));
  };
  const Vocabulary spm = labels("llama", 8);
  CHECK(spm.source == "GGUF");
  CHECK(spm.named == 5);
  CHECK(spm.strings ==
        std::vector<std::string>{"<s>", " the", "  ", "#3", "[PAD3]", "\n", "#6", "#7"});
  const Vocabulary bpe = labels("gpt2", 5);
  CHECK(bpe.strings[2] == "  ");
  CHECK(bpe.beyond == 1);
}

TEST_CASE("a GGUF checkpoint is read and never written") {
  Scratch scratch;
  const Checkpoint checkpoint =
      opened_gguf(scratch.put("m.gguf", model().tensor("x", {3}).finish()));
  const auto copy = CheckpointCopy::begin(checkpoint, scratch / "out", false);
  REQUIRE(!copy);
  CHECK_THAT(copy.error().message(), Contains("a GGUF checkpoint can only be read"));
  CHECK(copy.error().hint() == "mark the safetensors checkpoint and convert the result");
}

}  // namespace wmk::checkpoint
