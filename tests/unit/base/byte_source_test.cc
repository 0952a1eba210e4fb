// Memory and mounts in place of files (base/files).
#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/files/memory_bytes.h"
#include "tests/unit/scratch.h"

namespace wmk {
namespace {

using test::Scratch;

std::span<std::byte> writable(std::string& text) { return std::as_writable_bytes(std::span(text)); }

std::string text_at(const ReadFile& file, uint64_t offset, size_t count) {
  std::string out(count, '?');
  REQUIRE(file.read_at(offset, writable(out)));
  return out;
}

}  // namespace

TEST_CASE("pieces of memory are read and written as one file") {
  std::string first = "abc", none, second = "defg", third = "h";
  const auto memory = std::make_shared<MemoryBytes>(std::vector<std::span<std::byte>>{
      writable(first), writable(none), writable(second), writable(third)});
  const ReadFile file = ReadFile::of("tensors", memory);
  CHECK(file.size() == 8);
  CHECK(text_at(file, 0, 8) == "abcdefgh");
  CHECK(text_at(file, 2, 3) == "cde");
  CHECK(text_at(file, 7, 1) == "h");
  CHECK(text_at(file, 8, 0).empty());
  std::string beyond(2, '?');
  CHECK_FALSE(file.read_at(7, writable(beyond)));
  CHECK_FALSE(file.read_at(UINT64_MAX, writable(beyond)));

  WriteFile out = WriteFile::of("tensors", memory);
  REQUIRE(out.write_at(2, as_bytes("CDE")));
  CHECK(first == "abC");
  CHECK(second == "DEfg");
  CHECK_FALSE(out.write_at(7, as_bytes("xy")));
  CHECK(third == "h");
  CHECK(out.set_size(8));
  CHECK_FALSE(out.set_size(9));
  CHECK(out.finish());
}

TEST_CASE("what is copied into memory comes from a file or from memory") {
  std::string from = "source", to(6, '-');
  const auto source =
      std::make_shared<MemoryBytes>(std::vector<std::span<std::byte>>{writable(from)});
  const WriteFile target = WriteFile::of(
      "to", std::make_shared<MemoryBytes>(std::vector<std::span<std::byte>>{writable(to)}));
  REQUIRE(target.copy_from(ReadFile::of("from", source), 1, 0, 5));
  CHECK(to == "ource-");
}

TEST_CASE("a mounted path reads its source until the mount ends") {
  const Scratch scratch;
  const auto path = scratch.put("weights", "on the disk");
  std::string text = "mounted";
  {
    const Mount mount(
        path, std::make_shared<MemoryBytes>(std::vector<std::span<std::byte>>{writable(text)}));
    CHECK(*read_text(path, 100) == "mounted");
    CHECK(*read_text(scratch.folder() / "." / "weights", 100) == "mounted");
    CHECK(ReadFile::open(path)->descriptor() == -1);
  }
  CHECK(*read_text(path, 100) == "on the disk");
}

}  // namespace wmk
