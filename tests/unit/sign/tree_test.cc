// Finding and reading the files of a model's folder.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "sign/manifest/hash_files.h"
#include "tests/unit/sign/seal_of.h"

namespace wmk::sign {
namespace {

using namespace test;
namespace fs = std::filesystem;

// A socket without a listener. Its path must be short, so it is made elsewhere and moved.
void make_socket(const fs::path& at) {
  const wmk::test::Scratch scratch;
  const std::string path = (scratch / "s").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(made >= 0);
  const int bound = ::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(made);
  REQUIRE(bound == 0);
  REQUIRE(::rename(path.c_str(), at.c_str()) == 0);
}

// A copy of the null device; false if the user is not allowed to make one.
bool make_device(const fs::path& at) {
  return ::mknod(at.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
}

}  // namespace

TEST_CASE("links, pipes and malformed names are not signed", "[sign][bad-input]") {
  const auto refused = [](const std::function<void(const fs::path&)>& make) {
    const SignedModel model;
    make(model.scratch / "simple/odd");
    const auto seal = seal_of(model);
    REQUIRE_FALSE(seal);
    // Ignored, it is not an error.
    CHECK(seal_of(model, {"odd"}));
    return seal.error().message();
  };
  CHECK(refused([](const fs::path& at) {
          fs::create_symlink("signme-1", at);
        }).find("odd: is a symbolic link") != std::string::npos);
  CHECK(refused([](const fs::path& at) { fs::create_symlink(".", at); }).find("symbolic link") !=
        std::string::npos);
  CHECK(refused([](const fs::path& at) {
          REQUIRE(::mkfifo(at.c_str(), 0600) == 0);
        }).find("odd: is neither a file nor a folder") != std::string::npos);
  CHECK(refused([](const fs::path& at) {
          fs::create_directory(at);
          std::ofstream(at / "a\\b") << "x";
        }).find("backslash") != std::string::npos);
  CHECK(refused([](const fs::path& at) {
          fs::create_directory(at);
          std::ofstream(at / "\xFF") << "x";
        }).find("odd/\\xff: has a name that is not UTF-8") != std::string::npos);
}

TEST_CASE("a socket or device is refused, signed or not", "[sign][bad-input]") {
  SignedModel model;
  const std::string bundle = bundle_of(model);
  const fs::path odd = model.scratch / "simple/odd", file = model.scratch / "simple/signme-1";
  make_socket(odd);
  const auto seal = seal_of(model);
  REQUIRE_FALSE(seal);
  CHECK(seal.error().message().find("odd: is neither a file nor a folder") != std::string::npos);
  CHECK(model.answer(bundle) == "special_file");
  fs::remove(odd);
  fs::remove(file);
  make_socket(file);
  CHECK(model.answer(bundle) == "special_file");
  fs::remove(file);
  if (!make_device(file)) return;  // only root may
  CHECK(model.answer(bundle) == "special_file");
  CHECK_FALSE(seal_of(model));
}

TEST_CASE("a model without files is not signed", "[sign]") {
  SignedModel model;
  fs::remove_all(model.request.model);
  fs::create_directories(model.request.model / "only/folders");
  const auto seal = seal_of(model);
  REQUIRE_FALSE(seal);
  CHECK(seal.error().message().find("no files to sign") != std::string::npos);
}

TEST_CASE("a pipe, link or folder in place of a signed file is a no", "[sign][bad-input]") {
  SignedModel model;
  const std::string bundle = bundle_of(model);
  const fs::path file = model.scratch / "simple/signme-1";
  model.scratch.put("outside", "signme-1\n");
  fs::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(model.answer(bundle) == "special_file");
  fs::remove(file);
  fs::create_symlink("../outside", file);
  CHECK(model.answer(bundle) == "symlink");
  model.request.allow_symlinks = true;
  CHECK(model.answer(bundle) == "symlink");  // the signer did not allow them
  fs::remove(file);
  fs::create_directory(file);
  CHECK(model.answer(bundle) == "file_missing");
}

TEST_CASE("links are followed only if signer and user allow it, and only inside the model",
          "[sign]") {
  SignedModel model;
  model.request.allow_symlinks = true;
  const std::string payload =
      replaced(good_payload(), R"("allow_symlinks":false)", R"("allow_symlinks":true)");
  const fs::path file = model.scratch / "simple/signme-1";
  model.scratch.put("outside", "signme-1\n");
  model.put("blobs/1", "signme-1\n");
  model.request.ignore_unsigned_files = true;
  fs::remove(file);
  fs::create_symlink("blobs/1", file);
  CHECK(model.answer_to_payload(payload) == "good");
  model.request.allow_symlinks = false;
  CHECK(model.answer_to_payload(payload) == "symlink");
  model.request.allow_symlinks = true;
  fs::remove(file);
  fs::create_symlink("../outside", file);
  CHECK(model.answer_to_payload(payload) == "symlink");
  fs::remove(file);
  fs::create_symlink(model.scratch / "outside", file);
  CHECK(model.answer_to_payload(payload) == "symlink");
  // A link to a folder is reported.
  fs::remove(file);
  model.put("signme-1", "signme-1\n");
  fs::create_symlink("blobs", model.scratch / "simple/linked");
  model.request.ignore_unsigned_files = false;
  CHECK(model.answer_to_payload(payload) == "file_extra symlink");
}

TEST_CASE("a file that changes before or during reading is reported", "[sign]") {
  const SignedModel model;
  const auto tree = ModelTree::walk(model.request.model, {});
  REQUIRE(tree);
  const TreeEntry* const entry = tree->find("signme-1");
  REQUIRE(entry != nullptr);
  {
    const auto file = tree->open(*entry);
    REQUIRE(file);
    CHECK(file->is_unchanged());
    model.put("signme-1", "signme-X\n");
    CHECK_FALSE(file->is_unchanged());
  }
  model.scratch.put("other", "signme-1\n");
  fs::rename(model.scratch / "other", model.scratch / "simple/signme-1");
  const auto digests = hash_files(*tree, {entry}, Hash::sha256, 1, nullptr);
  CHECK(digests[0].digest.empty());
  CHECK(digests[0].fault == Code::file_changed);
  CHECK(digests[0].text == "changed during reading");
  // A parent folder that became a link is not followed.
  model.put("sub/x", "x");
  const auto deeper = ModelTree::walk(model.request.model, {});
  REQUIRE(deeper);
  fs::rename(model.scratch / "simple/sub", model.scratch / "elsewhere");
  fs::create_symlink("../elsewhere", model.scratch / "simple/sub");
  CHECK_FALSE(deeper->open(*deeper->find("sub/x")));
}

TEST_CASE("a file that changes after it was read is reported", "[sign]") {
  // The larger file is read first; it is changed while the other one is read.
  struct Modifier : Progress {
    explicit Modifier(std::function<void()> action) : change(std::move(action)) {}
    void begin(const char*, uint64_t, Unit) override {}
    void advance(uint64_t bytes) override {
      if (bytes == 8) change();
    }
    void end() noexcept override {}
    std::function<void()> change;
  };
  const SignedModel model;
  const fs::path larger = model.request.model / "signme-1", other = model.scratch / "other";
  const auto hash = [&](std::function<void()> change) {
    const auto tree = ModelTree::walk(model.request.model, {});
    REQUIRE(tree);
    Modifier modifier(std::move(change));
    return hash_files(*tree, {tree->find("signme-1"), tree->find("signme-2")}, Hash::sha256, 1,
                      &modifier);
  };
  const auto untouched = hash([] {});
  CHECK(untouched[0].digest == *from_hex(kDigest1));
  CHECK(untouched[0].state.size == 9);
  const std::vector<std::function<void()>> changes = {
      [&] { std::ofstream(larger) << "signme-X\n"; },  // written into
      [&] {  // replaced by another file with the same bytes
        model.scratch.put("other", "signme-1\n");
        fs::rename(other, larger);
      },
      [&] { fs::remove(larger); }};
  for (const auto& change : changes) {
    const auto digests = hash(change);
    CHECK(digests[0].digest.empty());
    CHECK(digests[0].fault == Code::file_changed);
    CHECK(digests[0].text == "changed or replaced after reading");
    CHECK(digests[1].digest == *from_hex(kDigest2));
    model.put("signme-1", "signme-1\n");
  }
}

TEST_CASE("digests are the same for any number of threads", "[sign]") {
  const SignedModel model;
  for (int i = 0; i < 20; ++i) {
    model.put(cat("part-", i), std::string(static_cast<size_t>(i) * 100'003, static_cast<char>(i)));
  }
  model.put("large", std::string(3'000'001, 'x'));
  const auto tree = ModelTree::walk(model.request.model, {});
  REQUIRE(tree);
  std::vector<const TreeEntry*> files;
  for (const TreeEntry& entry : tree->entries()) files.push_back(&entry);
  const auto one = hash_files(*tree, files, Hash::sha256, 1, nullptr);
  const auto many = hash_files(*tree, files, Hash::sha256, 7, nullptr);
  for (size_t i = 0; i < files.size(); ++i) {
    CHECK(one[i].digest == many[i].digest);
    const std::string content = wmk::test::content_of(model.request.model / files[i]->name);
    CHECK(one[i].digest == sha256(as_bytes(content)));
  }
}

}  // namespace wmk::sign
