// Checkpoints of torch.distributed.checkpoint: what is read, and what is refused.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/distributed/tiny_distributed.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::saved_tensor;
using test::Scratch;
using test::tiny_distributed;
using test::TinyChunk;
using test::TinyDistributed;
using test::TinyShards;

void put_distributed(const Scratch& scratch, const TinyDistributed& made) {
  scratch.put(".metadata", made.metadata);
  for (const auto& [name, content] : made.files) scratch.put(name, content);
}

TinyChunk chunk(const std::vector<int64_t>& offsets, const std::vector<int64_t>& sizes, float first,
                const std::string& file = "__0_0.distcp") {
  return {offsets, sizes, saved_tensor(sizes, first), file};
}

std::string distributed_refusal(const TinyDistributed& made) {
  Scratch scratch;
  put_distributed(scratch, made);
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(!checkpoint);
  return checkpoint.error().message();
}

std::string refusal_of_chunks(const std::vector<TinyChunk>& chunks) {
  return distributed_refusal(tiny_distributed({{.shape = {4, 6}, .chunks = chunks}}));
}

std::vector<float> whole_values(const Checkpoint& checkpoint, std::string_view name) {
  const Tensor* tensor = checkpoint.find(name);
  REQUIRE(tensor != nullptr);
  std::vector<float> out(tensor->elements());
  REQUIRE(checkpoint.read(*tensor, 0, std::as_writable_bytes(std::span(out))));
  return out;
}

}  // namespace

TEST_CASE("a distributed checkpoint is read as one model") {
  Scratch scratch;
  put_distributed(
      scratch,
      tiny_distributed({{"model.rows",
                         {4, 2},
                         {chunk({0, 0}, {2, 2}, 0), chunk({2, 0}, {2, 2}, 4, "__1_0.distcp")}},
                        {"model.columns",
                         {2, 4},
                         {chunk({0, 2}, {2, 2}, 10, "__1_0.distcp"), chunk({0, 0}, {2, 2}, 0)}},
                        {"model.alone", {3}, {chunk({0}, {3}, 7)}},
                        {"model.none", {0, 4}, {}},
                        {"optim.state.rows.exp_avg", {4, 2}, {chunk({0, 0}, {4, 2}, 0)}},
                        {"optim.step", {}, {chunk({}, {}, 0)}}}));
  const auto checkpoint = Checkpoint::open(scratch.folder());
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->format() == "PyTorch distributed");
  CHECK(checkpoint->tensors().size() == 4);
  CHECK(whole_values(*checkpoint, "model.rows") == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(whole_values(*checkpoint, "model.columns") ==
        std::vector<float>{0, 1, 10, 11, 2, 3, 12, 13});
  CHECK(checkpoint->find("model.alone")->encoding == nullptr);
  CHECK(checkpoint->notes() ==
        std::vector<std::string>{".metadata: 2 tensors of the optimizer not read"});
  CHECK(!check_markable(*checkpoint));
}

TEST_CASE("chunks of tensors of any rank are boxes") {
  Scratch scratch;
  // [2, 4, 3]: every expert cut along its rows; layers one by one; and along the columns.
  put_distributed(
      scratch,
      tiny_distributed(
          {{"a", {2, 4, 3}, {chunk({0, 0, 0}, {2, 1, 3}, 0), chunk({0, 1, 0}, {2, 3, 3}, 100)}},
           {"b", {2, 4, 3}, {chunk({1, 0, 0}, {1, 4, 3}, 100), chunk({0, 0, 0}, {1, 4, 3}, 0)}},
           {"c", {2, 2, 3}, {chunk({0, 0, 0}, {2, 2, 1}, 0), chunk({0, 0, 1}, {2, 2, 2}, 10)}}}));
  const auto checkpoint = Checkpoint::open(scratch.folder());
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(whole_values(*checkpoint, "a") ==
        std::vector<float>{0, 1, 2, 100, 101, 102, 103, 104, 105, 106, 107, 108,
                           3, 4, 5, 109, 110, 111, 112, 113, 114, 115, 116, 117});
  CHECK(whole_values(*checkpoint, "b")[11] == 11);
  CHECK(whole_values(*checkpoint, "b")[12] == 100);
  CHECK(whole_values(*checkpoint, "c") ==
        std::vector<float>{0, 10, 11, 1, 12, 13, 2, 14, 15, 3, 16, 17});
}

TEST_CASE("a group around the names of all tensors of a distributed checkpoint is dropped") {
  Scratch scratch;
  TinyDistributed made =
      tiny_distributed({{"app.model.w", {2}, {chunk({0}, {2}, 0)}},
                        {"app.optimizer.state.w.exp_avg", {2}, {chunk({0}, {2}, 0)}}});
  put_distributed(scratch, made);
  const auto checkpoint = Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  CHECK(checkpoint->find("model.w") != nullptr);
}

TEST_CASE("what two processes of torch saved together reads as one model") {
  Scratch scratch;
  const std::string vectors = WMK_SOURCE_DIR "/tests/vectors/distributed/";
  scratch.put(".metadata", test::content_of(vectors + "metadata.pickle"));
  for (const char* name : {"__0_0.distcp", "__1_0.distcp"}) {
    scratch.put(name, test::content_of(vectors + name));
  }
  const auto checkpoint = Checkpoint::open(scratch.folder());
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->tensors().size() == 5);
  for (const char* name :
       {"model.rows.weight", "model.columns.weight", "model.experts.weight", "model.bias"}) {
    CAPTURE(name);
    const std::vector<float> values = whole_values(*checkpoint, name);
    for (size_t i = 0; i < values.size(); ++i) CHECK(values[i] == static_cast<float>(i));
  }
  CHECK(checkpoint->find("model.rows.weight")->encoding->name() == "BF16 in pieces");
  CHECK(whole_values(*checkpoint, "model.norm.weight") == std::vector<float>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("chunks that overlap, leave a hole or lie elsewhere are refused", "[bad-input]") {
  const auto has = [](const std::string& message, std::string_view words) {
    CAPTURE(message, words);
    CHECK(message.find(words) != std::string::npos);
  };
  has(refusal_of_chunks({chunk({0, 0}, {3, 6}, 0)}), "tensor 'w': its pieces leave a hole");
  has(distributed_refusal(
          tiny_distributed({{.shape = {4, 6}, .chunks = {}}, {"v", {2}, {chunk({0}, {2}, 0)}}})),
      "tensor 'w': its pieces leave a hole");
  has(refusal_of_chunks({chunk({0, 0}, {3, 6}, 0), chunk({2, 0}, {2, 6}, 0)}),
      "its pieces overlap");
  has(refusal_of_chunks({chunk({1, 0}, {4, 6}, 0)}), "its chunk [1, 0] reaches out of the tensor");
  has(refusal_of_chunks({chunk({INT64_MAX, 0}, {4, 6}, 0)}), "reaches out of the tensor");
  has(refusal_of_chunks({chunk({0}, {24}, 0)}), "a chunk has another number of dimensions");
  has(refusal_of_chunks({{{0, 0}, {4, 6}, saved_tensor({6, 4}, 0)}}),
      "its chunk has the shape [6, 4], not [4, 6]");
  has(refusal_of_chunks({{{0, 0}, {4, 6}, saved_tensor({4, 6}, 0, "IntStorage")}}),
      "its chunk is of type I32, not F32");
  has(refusal_of_chunks({{{0, 0}, {4, 6}, saved_tensor({4, 6}, 0), "__0_0.distcp", 1}}),
      "its chunk ends past the end of __0_0.distcp");
  has(refusal_of_chunks({{{0, 0}, {4, 6}, saved_tensor({4, 6}, 0), "__0_0.distcp", -1}}),
      "does not end with the end record");
  has(refusal_of_chunks({{{0, 0}, {4, 6}, "words"}}), "too short for a zip archive");
  has(refusal_of_chunks({chunk({0, 0}, {4, 6}, 0), chunk({0, 0}, {4, 6}, 0)}),
      "its chunk [0, 0] is in two places");
  has(distributed_refusal(
          tiny_distributed({{.shape = {INT64_MAX, 4}, .chunks = {chunk({0, 0}, {4, 4}, 0)}}})),
      "its size overflows");
}

TEST_CASE("chunks lie in files of the folder", "[bad-input]") {
  Scratch scratch, elsewhere;
  const TinyDistributed made =
      tiny_distributed({{.shape = {2}, .chunks = {chunk({0}, {2}, 0, "a.distcp")}}});
  put_distributed(elsewhere, made);
  scratch.put(".metadata", made.metadata);
  scratch.put("b.distcp", "");
  std::filesystem::create_symlink(elsewhere / "a.distcp", scratch / "a.distcp");
  const auto linked = Checkpoint::open(scratch.folder());
  REQUIRE(!linked);
  CHECK(linked.error().message() == "a.distcp: is a link that leads out of the folder");
  for (const char* name : {"../a.distcp", "/a.distcp", "sub/a.distcp", "a.bin", ""}) {
    scratch.put(".metadata",
                tiny_distributed({{.shape = {2}, .chunks = {chunk({0}, {2}, 0, name)}}}).metadata);
    const auto checkpoint = Checkpoint::open(scratch.folder());
    REQUIRE(!checkpoint);
    CHECK(checkpoint.error().message() ==
          cat(".metadata: '", name, "' is not the name of a file of this folder"));
  }
}

TEST_CASE("the description of a distributed checkpoint names nothing but its classes",
          "[bad-input]") {
  const std::string call = "cposix\nsystem\n(" + test::pickle_text("true") + "tR";
  const std::string cycle = "}q\x01" + test::pickle_text("itself") + "h\x01s";
  const std::vector<TinyShards> one = {{.shape = {2}, .chunks = {chunk({0}, {2}, 0)}}};
  CHECK(distributed_refusal(tiny_distributed(one, test::pickle_text("planner_data") + call + "s"))
            .find("'posix.system' is not part of a state dict") != std::string::npos);
  Scratch scratch;
  put_distributed(scratch, tiny_distributed(one, test::pickle_text("planner_data") + cycle + "s"));
  CHECK(Checkpoint::open(scratch.folder()));  // what is not used is not followed
  const std::string object = test::pickle_object(test::kMetadataModule, "Metadata");
  for (const std::string& pickle : {std::string("\x80\x02}."), "\x80\x02" + object + ".",
                                    "\x80\x02" + object + "}b.", "\x80\x02" + object + "}b}b."}) {
    scratch.put(".metadata", pickle);
    const auto checkpoint = Checkpoint::open(scratch.folder());
    REQUIRE(!checkpoint);
    CHECK(checkpoint.error().message().starts_with(".metadata: "));
  }
}

TEST_CASE("a distributed checkpoint with any byte changed is refused or reads in bounds",
          "[bad-input]") {
  const TinyDistributed good = tiny_distributed(
      {{.shape = {2, 3}, .chunks = {chunk({0, 0}, {1, 3}, 0), chunk({1, 0}, {1, 3}, 3)}}});
  Scratch scratch;
  put_distributed(scratch, good);
  size_t opened = 0;
  const auto attempt = [&] {
    const auto checkpoint = Checkpoint::open(scratch.folder());
    if (!checkpoint) return;
    ++opened;
    for (const Tensor& tensor : checkpoint->tensors()) {
      REQUIRE(tensor.bytes <= 256);
      Bytes values(tensor.bytes);
      CHECK(checkpoint->read(tensor, 0, values));
    }
  };
  const auto& [name, content] = good.files[0];
  for (size_t at = 0; at < good.metadata.size(); ++at) {
    std::string changed = good.metadata;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 ? 0x01 : 0x84));
    scratch.put(".metadata", changed);
    attempt();
  }
  scratch.put(".metadata", good.metadata);
  for (size_t at = 0; at < content.size(); ++at) {
    std::string changed = content;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 ? 0x01 : 0x84));
    scratch.put(name, changed);
    attempt();
  }
  CHECK(opened > 0);
}

}  // namespace wmk::checkpoint
