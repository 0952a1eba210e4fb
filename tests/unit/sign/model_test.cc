// A signed model that is not what it was, and what a signature does not speak for.
#include <sys/stat.h>

#include "sign/hash_files.h"
#include "sign/seal.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {
namespace {

using namespace test;
namespace fs = std::filesystem;

// Signs a SignedModel's folder as it is.
Result<Seal> seal_of(const SignedModel& model, std::vector<fs::path> ignored = {},
                     std::string_view signature = "simple.sig") {
  const PrivateKey key = private_key();
  SealRequest request;
  request.model = model.request.model;
  request.signature = model.scratch / signature;
  request.ignore_paths = std::move(ignored);
  request.key = &key;
  return seal_model(request);
}

std::string bundle_of(const SignedModel& model, std::vector<fs::path> ignored = {}) {
  auto seal = seal_of(model, std::move(ignored));
  REQUIRE(seal);
  return seal->bundle;
}

std::vector<std::string> names_of(const Seal& seal) {
  std::vector<std::string> out;
  for (const Resource& resource : seal.statement.resources) out.push_back(resource.name);
  return out;
}

}  // namespace

TEST_CASE("each file that differs, is missing or extra is named", "[sign]") {
  const SignedModel model;
  model.put("sub/kept", "kept");
  model.put("sub/lost", "lost");
  const std::string bundle = bundle_of(model);
  CHECK(model.answer(bundle) == "good");
  model.put("signme-1", "changed");
  fs::remove(model.scratch / "simple/sub/lost");
  model.put("sub/more", "more");
  model.put("empty", "");
  const Verdict verdict = model.verdict(bundle);
  std::vector<std::string> found;
  for (const Reason& reason : verdict.findings.reasons) {
    found.push_back(cat(word(reason.code), " ", reason.path));
  }
  CHECK(found == std::vector<std::string>{"file_missing sub/lost", "file_differs signme-1",
                                          "file_extra empty", "file_extra sub/more"});
  CHECK(verdict.authentic);
  CHECK(verdict.covered_files == 2);
}

TEST_CASE("files that were not signed can be told without fault", "[sign]") {
  SignedModel model;
  const std::string bundle = bundle_of(model);
  model.put("notes.txt", "12345");
  model.request.ignore_unsigned_files = true;
  Verdict verdict = model.verdict(bundle);
  CHECK(verdict.good());
  REQUIRE(verdict.uncovered.size() == 1);
  CHECK(verdict.uncovered[0].path == "notes.txt");
  CHECK(verdict.uncovered[0].bytes == 5);
  CHECK(verdict.uncovered[0].why == "unsigned");
  // Weights are another matter.
  model.put("extra.safetensors", "x");
  CHECK(model.answer(bundle) == "weights_uncovered");
  model.request.allow_uncovered = true;
  CHECK(model.answer(bundle) == "good");
  fs::remove(model.scratch / "simple/signme-2");
  CHECK(model.answer(bundle) == "file_missing");
}

TEST_CASE("weights that the signer ignored are a no unless allowed", "[sign]") {
  SignedModel model;
  model.put("model.safetensors", "weights");
  model.put("cache/a.gguf", "more weights");
  model.put("cache/b.txt", "text");
  const std::string bundle = bundle_of(model, {"model.safetensors", "cache"});
  const Verdict verdict = model.verdict(bundle);
  CHECK(SignedModel::words(verdict) == "weights_uncovered");
  CHECK(verdict.findings.reasons.size() == 2);
  REQUIRE(verdict.uncovered.size() == 2);
  CHECK(verdict.uncovered[0].path == "cache");
  CHECK(verdict.uncovered[0].files == 2);
  CHECK(verdict.uncovered[0].bytes == 16);
  CHECK(verdict.uncovered[1].path == "model.safetensors");
  model.request.allow_uncovered = true;
  CHECK(model.answer(bundle) == "good");
}

TEST_CASE("only the four names of git at the top are left out", "[sign]") {
  SignedModel model;
  for (const char* name : {".git/HEAD", ".gitignore", ".gitattributes", ".github/x"}) {
    model.put(name, "x");
  }
  for (const char* name :
       {"sub/.git/HEAD", ".GIT/HEAD", ".git /x", ".gitmodules", "sub/.gitignore"}) {
    model.put(name, "x");
  }
  const auto seal = seal_of(model);
  REQUIRE(seal);
  CHECK(names_of(*seal) == std::vector<std::string>{".GIT/HEAD", ".git /x", ".gitmodules",
                                                    "signme-1", "signme-2", "sub/.git/HEAD",
                                                    "sub/.gitignore"});
  CHECK(seal->uncovered.size() == 4);
}

TEST_CASE("names are signed in the order of their bytes", "[sign]") {
  const SignedModel model;
  for (const char* name : {"a/b", "a-b", "a.b", "a/B", "\xC3\xA9", "zz:1:2"}) model.put(name, "x");
  const auto seal = seal_of(model);
  REQUIRE(seal);
  CHECK(names_of(*seal) == std::vector<std::string>{"a-b", "a.b", "a/B", "a/b", "signme-1",
                                                    "signme-2", "zz:1:2", "\xC3\xA9"});
  CHECK(model.answer(seal->bundle) == "good");
}

TEST_CASE("a signature inside the model, and a second one, break nothing", "[sign]") {
  SignedModel model;
  const auto first = seal_of(model, {}, "simple/first.sig");
  REQUIRE(first);
  model.put("first.sig", first->bundle);
  const auto second = seal_of(model, {}, "simple/second.sig");
  REQUIRE(second);
  CHECK(names_of(*second) == std::vector<std::string>{"signme-1", "signme-2"});
  model.put("second.sig", second->bundle);
  for (const char* name : {"simple/first.sig", "simple/second.sig"}) {
    model.request.signature = model.scratch / name;
    const auto verdict = verify_model(model.request);
    REQUIRE(verdict);
    CHECK(SignedModel::words(*verdict) == "good");
    CHECK(verdict->uncovered.size() == 1);
  }
  // What only bears the name of a bundle is no bundle.
  model.put("third.sig", "anything");
  const auto verdict = verify_model(model.request);
  REQUIRE(verdict);
  CHECK(SignedModel::words(*verdict) == "file_extra");
}

TEST_CASE("a single file is signed under the name of a dot and found by either", "[sign]") {
  SignedModel model;
  model.request.model = model.scratch / "simple/signme-1";
  const auto seal = seal_of(model);
  REQUIRE(seal);
  CHECK(names_of(*seal) == std::vector<std::string>{"."});
  CHECK(seal->statement.subject == "signme-1");
  CHECK(model.answer(seal->bundle) == "good");
  const std::string root = to_hex(sha256(*from_hex(kDigest1)));
  CHECK(model.answer_to_payload(payload_of(resource("signme-1", kDigest1), root)) == "good");
  CHECK(model.answer_to_payload(payload_of(resource("signme-9", kDigest1), root)) ==
        "file_missing file_extra");
  model.put("signme-1", "x");
  CHECK(model.answer(seal->bundle) == "file_differs");
}

TEST_CASE("links, pipes, sockets and odd names are not signed", "[sign][bad-input]") {
  const auto refused = [](const std::function<void(const fs::path&)>& make) {
    const SignedModel model;
    make(model.scratch / "simple/odd");
    const auto seal = seal_of(model);
    REQUIRE_FALSE(seal);
    // Left out, it is no trouble.
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
        }).find("odd/\\xff: the name is not UTF-8") != std::string::npos);
}

TEST_CASE("a model without files is not signed", "[sign]") {
  SignedModel model;
  fs::remove_all(model.request.model);
  fs::create_directories(model.request.model / "only/folders");
  const auto seal = seal_of(model);
  REQUIRE_FALSE(seal);
  CHECK(seal.error().message().find("no file to sign") != std::string::npos);
}

TEST_CASE("a pipe or link in the place of a signed file is told at once", "[sign][bad-input]") {
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

TEST_CASE("links are followed where signer and user allow it, and inside the model only",
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
  // A folder behind a link is not passed over in silence.
  fs::remove(file);
  model.put("signme-1", "signme-1\n");
  fs::create_symlink("blobs", model.scratch / "simple/linked");
  model.request.ignore_unsigned_files = false;
  CHECK(model.answer_to_payload(payload) == "file_extra symlink");
}

TEST_CASE("a file that is replaced or changed while we look is told", "[sign]") {
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
  CHECK(digests[0].text == "was replaced while we looked");
  // A folder on the way that became a link is not followed.
  model.put("sub/x", "x");
  const auto deeper = ModelTree::walk(model.request.model, {});
  REQUIRE(deeper);
  fs::rename(model.scratch / "simple/sub", model.scratch / "elsewhere");
  fs::create_symlink("../elsewhere", model.scratch / "simple/sub");
  CHECK_FALSE(deeper->open(*deeper->find("sub/x")));
}

TEST_CASE("digests are the same for any number of threads", "[sign]") {
  const SignedModel model;
  for (int i = 0; i < 20; ++i) {
    model.put(cat("part-", i), std::string(static_cast<size_t>(i) * 100'003, static_cast<char>(i)));
  }
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

TEST_CASE("ignored paths begin at the model and lie inside it", "[sign]") {
  const SignedModel model;
  model.put("a/b", "x");
  const auto names = ignored_names(model.request.model, {"a/b", model.request.model / "signme-1"});
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{".git", ".gitattributes", ".github", ".gitignore", "a/b",
                                           "signme-1"});
  CHECK_FALSE(ignored_names(model.request.model, {"../outside"}));
  CHECK_FALSE(ignored_names(model.request.model, {"."}));
  CHECK_FALSE(ignored_names(model.request.model, {model.scratch / "outside"}));
}

TEST_CASE("a bundle of version 0.2 is read where it is asked for, and no other then", "[sign]") {
  SignedModel model;
  const std::string payload = cat(
      R"({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "signme-1", "digest": )",
      R"({"sha256": ")", kDigest1, R"("}}, {"name": "signme-2", "digest": {"sha256": ")", kDigest2,
      R"("}}], "predicateType": "https://model_signing/Digests/v0.1", )",
      R"("predicate": {"unused": "it's \\ so"}})");
  const PrivateKey key = private_key();  // P-256, so that version 0.2 used the same digest
  const std::string legacy =
      bundle_over(payload, legacy_pre_authentication(kPayloadType, payload), key);
  CHECK(model.answer(legacy) == "signature_invalid");
  model.request.legacy = true;
  CHECK(model.answer(legacy) == "good");
  // The old encoding around a statement of today, and the encoding of today around an old one.
  CHECK(model.answer(bundle_over(good_payload(),
                                 legacy_pre_authentication(kPayloadType, good_payload()), key)) ==
        "predicate_type");
  CHECK(model.answer(signed_bundle(payload)) == "signature_invalid");
  model.request.legacy = false;
  CHECK(model.answer(bundle_over(good_payload(),
                                 legacy_pre_authentication(kPayloadType, good_payload()), key)) ==
        "signature_invalid");
  CHECK(legacy_pre_authentication("t", "a'b\n\x01\\") == "DSSEV1 1 t 6 b\"a'b\\n\\x01\\\\\"");
}

}  // namespace wmk::sign
