#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/file.h"
#include "tests/unit/scratch.h"

namespace wmk {
namespace {

using test::content_of;
using test::Scratch;
using Kind = PendingOutput::Kind;

}  // namespace

TEST_CASE("a committed folder has its final name and leaves no temporary files") {
  Scratch scratch;
  {
    auto output = PendingOutput::begin(scratch / "out/", Kind::folder, false);
    REQUIRE(output);
    CHECK(output->path() == scratch / "out.partial");
    scratch.put("out.partial/sub/a", "1");
    CHECK(!std::filesystem::exists(scratch / "out"));
    REQUIRE(output->commit());
  }
  CHECK(content_of(scratch / "out/sub/a") == "1");
  CHECK(scratch.count() == 1);
}

TEST_CASE("an output that is not committed is removed") {
  Scratch scratch;
  {
    auto output = PendingOutput::begin(scratch / "out", Kind::folder, false);
    REQUIRE(output);
    scratch.put("out.partial/a", "1");
    PendingOutput moved = std::move(*output);
    CHECK(std::filesystem::exists(scratch / "out.partial/a"));
  }
  CHECK(scratch.count() == 0);
}

TEST_CASE("an existing output is kept unless it is to be replaced") {
  Scratch scratch;
  scratch.put("out/old", "1");
  const auto refused = PendingOutput::begin(scratch / "out", Kind::folder, false);
  REQUIRE(!refused);
  CHECK(refused.error().code() == ErrorCode::invalid_argument);
  CHECK(refused.error().hint() == "use --force to replace it");
  {
    auto output = PendingOutput::begin(scratch / "out", Kind::folder, true);
    REQUIRE(output);
    scratch.put("out.partial/new", "2");
    CHECK(content_of(scratch / "out/old") == "1");
    REQUIRE(output->commit());
  }
  CHECK(content_of(scratch / "out/new") == "2");
  CHECK(!std::filesystem::exists(scratch / "out/old"));
  CHECK(scratch.count() == 1);
}

TEST_CASE("an output that appears during the work is not replaced") {
  Scratch scratch;
  auto output = PendingOutput::begin(scratch / "out", Kind::folder, false);
  REQUIRE(output);
  scratch.put("out/theirs", "1");
  const auto status = output->commit();
  REQUIRE(!status);
  CHECK(status.error().code() == ErrorCode::invalid_argument);
  CHECK(content_of(scratch / "out/theirs") == "1");
}

TEST_CASE("a missing parent folder is an error that names it") {
  Scratch scratch;
  const auto output = PendingOutput::begin(scratch / "no/out", Kind::file, false);
  REQUIRE(!output);
  CHECK(output.error().code() == ErrorCode::io);
  CHECK(output.error().message().find("/no' to write into") != std::string::npos);
}

TEST_CASE("names that cannot be new files are refused") {
  for (const char* name : {"", ".", "..", "/", "a/..", "./"}) {
    CAPTURE(name);
    const auto output = PendingOutput::begin(name, Kind::folder, true);
    REQUIRE(!output);
    CHECK(output.error().code() == ErrorCode::invalid_argument);
  }
}

TEST_CASE("an output that another run is writing cannot be begun") {
  Scratch scratch;
  auto first = PendingOutput::begin(scratch / "out", Kind::folder, false);
  REQUIRE(first);
  const auto second = PendingOutput::begin(scratch / "out", Kind::folder, true);
  REQUIRE(!second);
  CHECK(second.error().message().ends_with("another run is writing this output"));
  CHECK(std::filesystem::exists(first->path()));
}

TEST_CASE("the partial output of a killed run is replaced") {
  Scratch scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    auto output = PendingOutput::begin(scratch / "out", Kind::folder, false);
    if (output) scratch.put("out.partial/half", "1");
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(std::filesystem::exists(scratch / "out.partial/half"));
  CHECK(!std::filesystem::exists(scratch / "out"));
  {
    auto output = PendingOutput::begin(scratch / "out", Kind::folder, false);
    REQUIRE(output);
    CHECK(!std::filesystem::exists(scratch / "out.partial/half"));
    REQUIRE(output->commit());
  }
  CHECK(std::filesystem::is_empty(scratch / "out"));
  CHECK(scratch.count() == 1);
}

TEST_CASE("a file is written completely, with its mode, and replaced only on request") {
  Scratch scratch;
  REQUIRE(write_whole(scratch / "key", as_bytes("one"), 0600, false));
  struct stat info;
  REQUIRE(::stat((scratch / "key").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  CHECK(!write_whole(scratch / "key", as_bytes("two"), 0600, false));
  CHECK(content_of(scratch / "key") == "one");
  REQUIRE(write_whole(scratch / "key", as_bytes("three"), 0600, true));
  CHECK(content_of(scratch / "key") == "three");
  CHECK(scratch.count() == 1);
}

TEST_CASE("replacing a link replaces the link, not its target") {
  Scratch scratch;
  scratch.put("target", "kept");
  std::filesystem::create_symlink("target", scratch / "link");
  CHECK(!write_whole(scratch / "link", as_bytes("new"), 0600, false));
  REQUIRE(write_whole(scratch / "link", as_bytes("new"), 0600, true));
  CHECK(content_of(scratch / "target") == "kept");
  CHECK(content_of(scratch / "link") == "new");
  CHECK(!std::filesystem::is_symlink(scratch / "link"));
}

}  // namespace wmk
