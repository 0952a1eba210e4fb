// Temporary folders: private, gone with their owner, and cleaned up after a kill.
#include "base/files/private_folder.h"

#include <stdlib.h>

#include <catch2/catch.hpp>

#include "tests/unit/scratch.h"

namespace wmk {
namespace {

namespace fs = std::filesystem;

PrivateFolder made(std::string_view purpose, bool keep = false) {
  auto folder = PrivateFolder::make(purpose, keep);
  REQUIRE(folder);
  return *std::move(folder);
}

// TMPDIR is another folder while this object lives.
class OtherTemporary {
 public:
  explicit OtherTemporary(const fs::path& folder) {
    if (const char* before = ::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  ~OtherTemporary() {
    before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1);
  }

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("a temporary folder is private and goes with its owner") {
  const test::Scratch scratch;
  const OtherTemporary there(scratch.folder());
  fs::path path;
  {
    const PrivateFolder folder = made("test");
    path = folder.path();
    CHECK(path.filename().string().starts_with("weightmark-test-"));
    CHECK((fs::status(path).permissions() & ~fs::perms::owner_all) == fs::perms::none);
    const PrivateFolder second = made("test");  // leaves the first one, which is in use
    CHECK(fs::exists(path));
    CHECK(second.path() != path);
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(scratch.count() == 0);
}

TEST_CASE("what a killed run left is removed by the next of its purpose, and no kept folder") {
  const test::Scratch scratch;
  const OtherTemporary there(scratch.folder());
  fs::path kept;
  {
    const PrivateFolder folder = made("test", true);
    kept = folder.path();
  }
  scratch.put("weightmark-test-killed/file", "left");
  scratch.put("weightmark-other-killed/file", "left");
  scratch.put("weightmark-test-by-hand/file", "a user's");
  const PrivateFolder folder = made("test");
  CHECK_FALSE(fs::exists(scratch / "weightmark-test-killed"));
  CHECK(fs::exists(scratch / "weightmark-other-killed/file"));
  CHECK(fs::exists(scratch / "weightmark-test-by-hand/file"));
  CHECK(fs::exists(kept));
}

}  // namespace wmk
