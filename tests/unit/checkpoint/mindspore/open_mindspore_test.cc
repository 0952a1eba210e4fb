// Checkpoints of MindSpore: what is read, and what is refused.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/mindspore/tiny_mindspore.h"
#include "tests/unit/checkpoint/torch/tiny_torch.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::Scratch;
using test::tiny_floats;
using test::tiny_mindspore;
using test::wire_bytes;
using test::wire_number;

const std::string kTrailer = std::string("crc_num") + std::string(10, '\x01');

Checkpoint opened_mindspore(const std::filesystem::path& path) {
  auto checkpoint = Checkpoint::open(path);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->format() == "MindSpore");
  return std::move(*checkpoint);
}

std::string mindspore_refusal(const std::string& file) {
  Scratch scratch;
  const auto checkpoint = Checkpoint::open(scratch.put("m.ckpt", file));
  REQUIRE(!checkpoint);
  return checkpoint.error().message();
}

// One entry with these fields, behind a good one, so that the file is known by its first bytes.
std::string with_entry(const std::string& fields) {
  return tiny_mindspore({{.name = "a", .content = tiny_floats(6)}}) + wire_bytes(1, fields);
}

std::string with_tensor(const std::string& fields) {
  return with_entry(wire_bytes(1, "w") + wire_bytes(2, fields));
}

std::vector<float> floats_of(const Checkpoint& checkpoint, std::string_view name) {
  const Tensor* tensor = checkpoint.find(name);
  REQUIRE(tensor != nullptr);
  std::vector<float> out(tensor->elements());
  REQUIRE(checkpoint.read(*tensor, 0, std::as_writable_bytes(std::span(out))));
  return out;
}

}  // namespace

TEST_CASE("a MindSpore checkpoint is read by its entries, whatever its name") {
  Scratch scratch;
  const std::string file = tiny_mindspore({
      {.name = "model.norm.weight", .content = tiny_floats(6)},
      {.name = "half",
       .shape = {4},
       .type = "BFloat16",
       .content = std::string("\x00\x3f\x80\x3f\x00\x40\x40\x40", 8)},
      {.name = "scalar", .shape = {0}, .content = tiny_floats(1)},
      {.name = "empty", .shape = {0, 5}},
      {.name = "step_num", .shape = {}, .type = "Int64", .content = std::string(8, '\x01')},
      {.name = "words", .shape = {0}, .type = "str", .content = "text"},
  });
  for (const char* name : {"model.ckpt", "weights"}) {
    const Checkpoint checkpoint = opened_mindspore(scratch.put(name, file + kTrailer));
    CHECK(checkpoint.is_single_file());
    CHECK(checkpoint.tensors().size() == 5);
    CHECK(floats_of(checkpoint, "model.norm.weight") == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(checkpoint.find("half")->dtype == DType::bf16);
    CHECK(checkpoint.find("scalar")->shape.empty());
    CHECK(checkpoint.find("empty")->bytes == 0);
    CHECK(checkpoint.notes() == std::vector<std::string>{cat(
                                    name, ": 1 value of types that are not read: 'words' (str)")});
    CHECK(!check_markable(checkpoint));
  }
}

TEST_CASE("a tensor in several entries of MindSpore is joined") {
  Scratch scratch;
  const std::string all = tiny_floats(6);
  const Checkpoint checkpoint = opened_mindspore(
      scratch.put("m.ckpt", tiny_mindspore({{.name = "w", .content = all.substr(0, 8)},
                                            {.name = "w", .content = all.substr(8, 12)},
                                            {.name = "w", .content = all.substr(20)},
                                            {.name = "v", .shape = {6}, .content = all}})));
  CHECK(checkpoint.tensors().size() == 2);
  CHECK(floats_of(checkpoint, "w") == std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(checkpoint.find("w")->encoding->name() == "F32 in pieces");
  CHECK(checkpoint.find("v")->encoding == nullptr);
}

TEST_CASE("in a folder the only MindSpore file is the model") {
  Scratch scratch;
  const std::string file = tiny_mindspore({{.content = tiny_floats(6)}});
  scratch.put("model.ckpt", file);
  scratch.put("other.ckpt", "of another program");
  scratch.put("config.json", "{}");
  CHECK(!opened_mindspore(scratch.folder()).is_single_file());
  scratch.put("second.ckpt", file);
  const auto two = Checkpoint::open(scratch.folder());
  REQUIRE(!two);
  CHECK(two.error().message().find("has 2 MindSpore files: 'model.ckpt', 'second.ckpt'") !=
        std::string::npos);
}

TEST_CASE("entries of MindSpore that two readers could read in two ways are refused",
          "[bad-input]") {
  const std::string tensor = test::wire_tensor({.content = tiny_floats(6)});
  const std::string good = wire_bytes(1, "w") + wire_bytes(2, tensor);
  const std::pair<std::string, std::string_view> cases[] = {
      {with_entry(good + wire_bytes(1, "v")), "field 1 occurs twice"},
      {with_entry(good + wire_bytes(2, tensor)), "field 2 occurs twice"},
      {with_tensor(tensor + wire_bytes(2, "Int32")), "field 2 occurs twice"},
      {with_tensor(tensor + wire_bytes(3, tiny_floats(6))), "field 3 occurs twice"},
      {with_entry(good + wire_bytes(4, "")), "has an unknown field 4"},
      {with_tensor(tensor + wire_bytes(9, "")), "has an unknown field 9"},
      {with_entry(wire_bytes(1, "w") + wire_bytes(3, "")), "a map of tensors"},
      {with_entry(wire_bytes(1, "w")), "tensor 'w': has no tensor"},
      {with_entry(wire_bytes(2, tensor)), "a tensor has no name"},
      {with_entry(wire_bytes(1, "") + wire_bytes(2, tensor)), "a tensor has no name"},
      {with_entry(wire_bytes(1, "\x01") + wire_bytes(2, tensor)), "control character"},
      {with_entry(wire_bytes(1, "\xff") + wire_bytes(2, tensor)), "not UTF-8"},
      {with_tensor(wire_bytes(2, "Float32")), "has no content"},
      {with_tensor(wire_bytes(3, "")), "has no type"},
      {with_entry(good) + wire_bytes(1, good), "tensor 'w': occurs twice"},
      {with_entry(good) + wire_bytes(2, good), "is not an entry of a checkpoint"},
      {with_entry(good) + "\x0b", "neither a number nor bytes"},
  };
  for (const auto& [file, words] : cases) {
    CAPTURE(words);
    const std::string message = mindspore_refusal(file);
    CAPTURE(message);
    CHECK(message.starts_with("m.ckpt: "));
    CHECK(message.find(words) != std::string::npos);
  }
}

TEST_CASE("sizes in a MindSpore checkpoint are checked", "[bad-input]") {
  const auto refusal = [](const test::TinyParameter& parameter) {
    return mindspore_refusal(tiny_mindspore({{.name = "a", .content = tiny_floats(6)}, parameter}));
  };
  const auto has = [](const std::string& message, std::string_view words) {
    CAPTURE(message, words);
    CHECK(message.find(words) != std::string::npos);
  };
  has(refusal({.content = tiny_floats(5)}), "tensor 'w': has 20 bytes, its shape [2, 3] needs 24");
  has(refusal({.content = tiny_floats(7)}), "has more bytes than its shape [2, 3]");
  has(refusal({.content = tiny_floats(5) + "abc"}), "a part ends inside an element");
  has(refusal({.content = ""}), "a part is empty");
  has(refusal({.shape = {uint64_t{1} << 62, 4}, .content = "abcd"}), "its size overflows");
  has(refusal({.shape = {UINT64_MAX}, .content = "abcd"}), "a dimension is negative");
  has(refusal({.shape = std::vector<uint64_t>(65, 1), .content = tiny_floats(1)}),
      "more than 64 dimensions");
  has(refusal({.name = std::string(5000, 'n'), .content = tiny_floats(6)}), "a text of 5000 bytes");
  const std::string parts = tiny_mindspore({{.name = "a", .content = tiny_floats(6)},
                                            {.content = tiny_floats(2)},
                                            {.type = "Int32", .content = tiny_floats(4)}});
  has(mindspore_refusal(parts), "its parts differ in type or shape");
  // A length that reaches past the file, and a number of more than 64 bits.
  const std::string good = tiny_mindspore({{.name = "a", .content = tiny_floats(6)}});
  has(mindspore_refusal(good + "\x0a" + wire_number(UINT64_MAX)), "field 1 is cut off");
  has(mindspore_refusal(good + "\x0a" + std::string(10, '\xff')), "more than 64 bits");
}

TEST_CASE("a MindSpore checkpoint with any byte changed or cut is refused or reads in bounds",
          "[bad-input]") {
  Scratch scratch;
  const std::string all = tiny_floats(6);
  const std::string good = tiny_mindspore(
      {{.name = "v", .content = all}, {.content = all.substr(0, 8)}, {.content = all.substr(8)}});
  size_t opened = 0;
  const auto attempt = [&](const std::string& bytes) {
    const auto checkpoint = Checkpoint::open(scratch.put("m.ckpt", bytes));
    if (!checkpoint) return;
    ++opened;
    for (const Tensor& tensor : checkpoint->tensors()) {
      REQUIRE(tensor.bytes <= 256);
      Bytes values(tensor.bytes);
      CHECK(checkpoint->read(tensor, 0, values));
    }
  };
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char change : {'\x01', '\x84', '\x7f'}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ change);
      attempt(changed);
    }
    attempt(good.substr(0, at));
  }
  CHECK(opened > 0);  // those whose values were changed
}

}  // namespace wmk::checkpoint
