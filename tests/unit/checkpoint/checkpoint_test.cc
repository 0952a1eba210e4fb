#include "checkpoint/checkpoint.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::tiny_file;
using wmk::test::Scratch;

Checkpoint opened(const std::filesystem::path& path) {
  auto checkpoint = Checkpoint::open(path);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  return std::move(*checkpoint);
}

Error refused(const std::filesystem::path& path) {
  auto checkpoint = Checkpoint::open(path);
  REQUIRE(!checkpoint);
  return std::move(checkpoint).error();
}

std::string bytes_of(const Checkpoint& checkpoint, std::string_view name) {
  const Tensor* tensor = checkpoint.find(name);
  REQUIRE(tensor != nullptr);
  std::string out(tensor->bytes, '?');
  REQUIRE(checkpoint.read(*tensor, 0, std::as_writable_bytes(std::span(out))));
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Two shards and their index; the tensors have 8 bytes in all.
void put_sharded(const Scratch& scratch, uint64_t total_size = 8) {
  scratch.put("model-00001-of-00002.safetensors", tiny_file({{"b", "bbb"}, {"a", "aa"}}));
  scratch.put("model-00002-of-00002.safetensors", tiny_file({{"c", "ccc"}}));
  scratch.put("model.safetensors.index.json",
              cat(R"({"metadata": {"total_size": )", total_size, R"(}, "weight_map": {)",
                  R"("c": "model-00002-of-00002.safetensors",)",
                  R"("a": "model-00001-of-00002.safetensors",)",
                  R"("b": "model-00001-of-00002.safetensors"}})"));
}

}  // namespace

TEST_CASE("a folder with one weights file is a checkpoint") {
  Scratch scratch;
  scratch.put("model.safetensors", tiny_file({{"x", "xyz"}, {"y", "12"}}));
  scratch.put("._model.safetensors", "left by a desktop");
  const Checkpoint checkpoint = opened(scratch.folder());
  CHECK(checkpoint.files().size() == 1);
  CHECK(!checkpoint.is_single_file());
  CHECK(checkpoint.folder() == scratch.folder());
  CHECK(bytes_of(checkpoint, "x") == "xyz");
  CHECK(bytes_of(checkpoint, "y") == "12");
  CHECK(checkpoint.find("z") == nullptr);
  CHECK(checkpoint.notes().empty());
}

TEST_CASE("a checkpoint may be moved while its names are looked up in the new one") {
  Scratch scratch;
  Checkpoint first = opened(scratch.put("m.safetensors", tiny_file({{"x", "xyz"}})));
  const Checkpoint second = std::move(first);
  CHECK(bytes_of(second, "x") == "xyz");
}

TEST_CASE("a named weights file is opened alone") {
  Scratch scratch;
  put_sharded(scratch);
  const Checkpoint checkpoint = opened(scratch / "model-00002-of-00002.safetensors");
  CHECK(checkpoint.is_single_file());
  CHECK(checkpoint.folder() == scratch.folder());
  CHECK(checkpoint.tensors().size() == 1);
}

TEST_CASE("an index joins its shards, in the order of their names") {
  Scratch scratch;
  put_sharded(scratch);
  for (const auto& path : {scratch.folder(), scratch / "model.safetensors.index.json"}) {
    const Checkpoint checkpoint = opened(path);
    REQUIRE(checkpoint.tensors().size() == 3);
    CHECK(checkpoint.tensors()[0].name == "b");
    CHECK(checkpoint.tensors()[2].name == "c");
    CHECK(checkpoint.tensors()[2].file == 1);
    CHECK(bytes_of(checkpoint, "c") == "ccc");
    CHECK(checkpoint.notes().empty());
  }
}

TEST_CASE("a wrong total_size and stray weights files are noted and tolerated") {
  Scratch scratch;
  put_sharded(scratch, 9);
  scratch.put("stray.safetensors", "not even read");
  const Checkpoint checkpoint = opened(scratch.folder());
  REQUIRE(checkpoint.notes().size() == 2);
  CHECK(checkpoint.notes()[0] ==
        "model.safetensors.index.json: total_size is 9, the tensors have 8 bytes");
  CHECK(checkpoint.notes()[1] == "weights file 'stray.safetensors' is not part of the model");
}

TEST_CASE("beside model.safetensors other weights files are ignored with a note") {
  Scratch scratch;
  scratch.put("model.safetensors", tiny_file({{"x", "1"}}));
  scratch.put("consolidated.safetensors", tiny_file({{"y", "2"}}));
  const Checkpoint checkpoint = opened(scratch.folder());
  CHECK(checkpoint.tensors().size() == 1);
  CHECK(checkpoint.notes().size() == 1);
}

TEST_CASE("shards without an index are joined where their tensors differ") {
  Scratch scratch;
  scratch.put("a.safetensors", tiny_file({{"x", "1"}}));
  scratch.put("b.safetensors", tiny_file({{"y", "2"}}));
  CHECK(opened(scratch.folder()).tensors().size() == 2);
  scratch.put("c.safetensors", tiny_file({{"x", "3"}}));
  CHECK(refused(scratch.folder()).message() ==
        "tensor 'x': is in two files, a.safetensors and c.safetensors");
}

TEST_CASE("a weights file that is a link out of the folder is refused") {
  Scratch scratch, elsewhere;
  elsewhere.put("w.safetensors", tiny_file({{"x", "1"}}));
  std::filesystem::create_symlink(elsewhere / "w.safetensors", scratch / "model.safetensors");
  const Error error = refused(scratch.folder());
  CHECK(error.message() == "model.safetensors: is a link that leads out of the folder");
  CHECK(contains(error.hint(), "cp -rL"));
  // The user may name any file, also by a link.
  CHECK(bytes_of(opened(scratch / "model.safetensors"), "x") == "1");
}

TEST_CASE("a link that stays in the folder is followed") {
  Scratch scratch;
  scratch.put("blobs/w", tiny_file({{"x", "1"}}));
  std::filesystem::create_symlink("blobs/w", scratch / "model.safetensors");
  CHECK(bytes_of(opened(scratch.folder()), "x") == "1");
}

TEST_CASE("errors of a header name the file") {
  Scratch scratch;
  const auto path = scratch.put("bad\n.safetensors", "123");
  CHECK(refused(path).message() ==
        "bad\\x0a.safetensors: HeaderTooSmall: the file has 3 bytes, too few for a header");
}

TEST_CASE("a file that shrinks after opening gives an error of the read") {
  Scratch scratch;
  const auto path = scratch.put("m.safetensors", tiny_file({{"x", "xyz"}}));
  const Checkpoint checkpoint = opened(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  Bytes out(3);
  const auto status = checkpoint.read(checkpoint.tensors()[0], 0, out);
  REQUIRE(!status);
  CHECK(status.error().code() == ErrorCode::io);
  CHECK(status.error().message().starts_with("tensor 'x': m.safetensors: ends at byte"));
}

TEST_CASE("a read past the end of a tensor does not reach its neighbour") {
  Scratch scratch;
  const Checkpoint checkpoint =
      opened(scratch.put("m.safetensors", tiny_file({{"x", "xyz"}, {"y", "12345"}})));
  Bytes out(2);
  CHECK(checkpoint.read(*checkpoint.find("x"), 1, out));
  CHECK(!checkpoint.read(*checkpoint.find("x"), 2, out));
  CHECK(!checkpoint.read(*checkpoint.find("x"), UINT64_MAX, out));
}

TEST_CASE("other formats are recognised by content or name, and refused with advice") {
  using namespace std::string_literals;
  Scratch scratch;
  const std::pair<std::string, std::string> cases[] = {
      {"model.bin.ggml", "lmgg"},
      {"unnamed", "tjgg\x03\0\0\0"s},
      {"model.bin", "\x80\x02}."},
      {"old.bin", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"},
      {"m.pt", ""},
      {"m.pth", "?"},
      {"m.onnx", "?"},
      {"m.h5", "\x89HDF\r\n\x1a\n"},
      {"llama.engine", "ftrt"},
      {"model.safetensors.gpg", "\x85\x02\x0c\x03"},
      {"sealed.safetensors", "age-encryption.org/v1\n-> X25519 "},
      {"renamed.safetensors", "fmgg\x03\0\0\0\0\0\0\0"s},
      {"pointer.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"},
  };
  for (const auto& [name, content] : cases) {
    CAPTURE(name);
    const Error error = refused(scratch.put(name, content));
    CHECK(error.code() == ErrorCode::unsupported);
    CHECK(error.message().starts_with(name + ": is a"));
    CHECK(!error.hint().empty());
  }
  CHECK(contains(refused(scratch / "llama.engine").hint(), "cannot be converted back"));
  CHECK(contains(refused(scratch / "m.onnx").hint(), "onnx2torch"));
  CHECK(contains(refused(scratch / "sealed.safetensors").hint(), "decrypt it first"));
  CHECK(contains(refused(scratch / "old.bin").message(), "legacy PyTorch"));
}

TEST_CASE("the error for a folder without weights files names what is there") {
  Scratch scratch;
  scratch.put("config.json", "{}");
  CHECK(contains(refused(scratch.folder()).message(), "no *.safetensors file in this folder"));
  scratch.put("model.onnx", "?");
  const Error error = refused(scratch.folder());
  CHECK(error.code() == ErrorCode::unsupported);
  CHECK(contains(error.message(), "model.onnx: is an ONNX file"));
}

TEST_CASE("a missing path cannot be opened") {
  Scratch scratch;
  CHECK(refused(scratch / "none").code() == ErrorCode::io);
  CHECK(contains(refused(scratch / "none").message(), "none: cannot open: no such file"));
  CHECK(refused(scratch.put("notes.txt", "text")).code() == ErrorCode::unsupported);
}

TEST_CASE("a checkpoint without tensors is refused") {
  Scratch scratch;
  CHECK(contains(refused(scratch.put("m.safetensors", tiny_file({}))).message(), "no tensor"));
}

TEST_CASE("the number of tensors of a checkpoint is limited") {
  Contents contents;
  contents.tensors.resize(3);
  CHECK(check_limits(contents, kTensorsMax - 3));
  for (const size_t more : {kTensorsMax - 2, kTensorsMax, SIZE_MAX}) {
    const auto status = check_limits(contents, more);
    REQUIRE(!status);
    CHECK(status.error().code() == ErrorCode::limit_exceeded);
  }
}

TEST_CASE("of several indexes the usual one is taken, or none") {
  Scratch scratch;
  put_sharded(scratch);
  std::filesystem::copy(scratch / "model.safetensors.index.json",
                        scratch / "other.safetensors.index.json");
  CHECK(opened(scratch.folder()).tensors().size() == 3);
  std::filesystem::rename(scratch / "model.safetensors.index.json",
                          scratch / "another.safetensors.index.json");
  CHECK(refused(scratch.folder()).code() == ErrorCode::invalid_argument);
}

}  // namespace wmk::checkpoint
