#include "base/file.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/unit/scratch.h"

namespace wmk {
namespace {

using test::content_of;
using test::Scratch;

std::string read(const ReadFile& file, uint64_t offset, size_t count) {
  std::string out(count, '?');
  REQUIRE(file.read_at(offset, std::as_writable_bytes(std::span(out))));
  return out;
}

}  // namespace

TEST_CASE("reads are by position") {
  Scratch scratch;
  auto file = ReadFile::open(scratch.put("a", "0123456789"));
  REQUIRE(file);
  CHECK(file->size() == 10);
  CHECK(file->name() == "a");
  CHECK(read(*file, 7, 3) == "789");
  CHECK(read(*file, 0, 2) == "01");
  CHECK(read(*file, 10, 0).empty());
}

TEST_CASE("an end of file inside the range is an error that names file and byte") {
  Scratch scratch;
  auto file = ReadFile::open(scratch.put("short", "0123456789"));
  REQUIRE(file);
  Bytes out(4);
  const auto status = file->read_at(8, out);
  REQUIRE(!status);
  CHECK(status.error().code() == ErrorCode::io);
  CHECK(status.error().message() == "short: ends at byte 10, 2 bytes short");
  CHECK(!file->read_at(UINT64_MAX - 1, out));
  CHECK(!file->read_at(1ull << 63, out));
}

TEST_CASE("a file that shrinks after opening gives an error, not a signal") {
  Scratch scratch;
  const auto path = scratch.put("shrinking", "0123456789");
  auto file = ReadFile::open(path);
  REQUIRE(file);
  std::filesystem::resize_file(path, 3);
  Bytes out(10);
  CHECK(!file->read_at(0, out));
}

TEST_CASE("folders, pipes and missing files are not opened") {
  Scratch scratch;
  const auto folder = ReadFile::open(scratch.folder());
  REQUIRE(!folder);
  CHECK(folder.error().message().ends_with(": is a folder"));
  REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  const auto pipe = ReadFile::open(scratch / "pipe");
  REQUIRE(!pipe);
  CHECK(pipe.error().message().ends_with("pipe: is not a regular file"));
  const auto missing = ReadFile::open(scratch / "no\nname");
  REQUIRE(!missing);
  CHECK(missing.error().code() == ErrorCode::io);
  CHECK(
      missing.error().message().ends_with("/no\\x0aname: cannot open: no such file or directory"));
}

TEST_CASE("group and world bits make a file readable by others") {
  Scratch scratch;
  const auto path = scratch.put("key", "secret");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(!ReadFile::open(path)->readable_by_others());
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  CHECK(ReadFile::open(path)->readable_by_others());
  REQUIRE(::chmod(path.c_str(), 0604) == 0);
  CHECK(ReadFile::open(path)->readable_by_others());
}

TEST_CASE("text above its size limit is refused before it is read") {
  Scratch scratch;
  const auto path = scratch.put("text", "12345");
  CHECK(*read_text(path, 5) == "12345");
  const auto refused = read_text(path, 4);
  REQUIRE(!refused);
  CHECK(refused.error().code() == ErrorCode::limit_exceeded);
}

TEST_CASE("writes land at their offsets and copies keep every byte") {
  Scratch scratch;
  std::string source_text(3'000'000, '\0');
  for (size_t i = 0; i < source_text.size(); ++i)
    source_text[i] = static_cast<char>(i * 7 + i / 256);
  auto source = ReadFile::open(scratch.put("source", source_text));
  REQUIRE(source);
  auto target = WriteFile::create(scratch / "target", 0640);
  REQUIRE(target);
  REQUIRE(target->copy_from(*source, 17, 5, 2'500'000));
  REQUIRE(target->write_at(0, as_bytes("head:")));
  REQUIRE(target->finish());
  CHECK(content_of(scratch / "target") == "head:" + source_text.substr(17, 2'500'000));
}

TEST_CASE("copies between file systems keep every byte") {
  const std::filesystem::path shared_memory = "/dev/shm";
  if (!std::filesystem::is_directory(shared_memory)) return;
  Scratch scratch;
  const auto source_path = shared_memory / scratch.folder().filename();
  std::string text(2'500'001, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 13 + i / 256);
  std::ofstream(source_path, std::ios::binary) << text;
  auto source = ReadFile::open(source_path);
  std::filesystem::remove(source_path);
  REQUIRE(source);
  auto target = WriteFile::create(scratch / "target");
  REQUIRE(target);
  REQUIRE(target->copy_from(*source, 0, 0, text.size()));
  REQUIRE(target->finish());
  CHECK(content_of(scratch / "target") == text);
}

TEST_CASE("a copy that asks for more than the source has is an error") {
  Scratch scratch;
  auto source = ReadFile::open(scratch.put("source", "0123456789"));
  auto target = WriteFile::create(scratch / "target");
  REQUIRE(target);
  const auto status = target->copy_from(*source, 4, 0, 7);
  REQUIRE(!status);
  CHECK(status.error().message() == "source: ends at byte 10, 1 bytes short");
}

TEST_CASE("creating a file never touches an existing one") {
  Scratch scratch;
  scratch.put("kept", "old");
  CHECK(!WriteFile::create(scratch / "kept"));
  CHECK(content_of(scratch / "kept") == "old");
}

TEST_CASE("a full disk is an error, and no output is left") {
  Scratch scratch;
  // A file size limit simulates a full disk: the write fails half way.
  struct rlimit before;
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 1000;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto status = write_whole(scratch / "big", Bytes(3000), 0600, false);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE(!status);
  CHECK(status.error().code() == ErrorCode::io);
  CHECK(status.error().message().find("big.partial: cannot write: ") != std::string::npos);
  CHECK(scratch.count() == 0);
}

}  // namespace wmk
