// Signed models that were changed, and the files that a signature does not cover.
#include <sys/stat.h>

#include "tests/unit/sign/seal_of.h"

namespace wmk::sign {
namespace {

using namespace test;
namespace fs = std::filesystem;

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
  const Verification verification = model.verification(bundle);
  std::vector<std::string> found;
  for (const Reason& reason : verification.findings.reasons) {
    found.push_back(cat(to_string(reason.code), " ", reason.path));
  }
  CHECK(found == std::vector<std::string>{"file_missing sub/lost", "file_differs signme-1",
                                          "file_extra empty", "file_extra sub/more"});
  CHECK(verification.authentic);
  CHECK(verification.covered.size() == 2);
}

TEST_CASE("a covered file is listed with what fstat reports about it", "[sign]") {
  const SignedModel model;
  const std::string bundle = bundle_of(model);
  model.put("signme-2", "other");
  const Verification verification = model.verification(bundle);
  CHECK(verification.signed_files == 2);
  REQUIRE(verification.covered.size() == 1);
  CHECK(verification.covered[0].name == "signme-1");
  struct stat info;
  REQUIRE(::stat((model.request.model / "signme-1").c_str(), &info) == 0);
  const FileState& seen = verification.covered[0].state;
  CHECK(seen.device == info.st_dev);
  CHECK(seen.inode == info.st_ino);
  CHECK(seen.size == 9);
  CHECK(seen.modified == int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec);
}

TEST_CASE("an empty folder is not protected, an empty file is", "[sign]") {
  const SignedModel model;
  const std::string bundle = bundle_of(model);
  fs::create_directories(model.scratch / "simple/empty/folder");
  CHECK(model.answer(bundle) == "good");
  model.put("empty/file", "");
  CHECK(model.answer(bundle) == "file_extra");
}

TEST_CASE("unsigned files can be accepted", "[sign]") {
  SignedModel model;
  const std::string bundle = bundle_of(model);
  model.put("notes.txt", "12345");
  model.request.ignore_unsigned_files = true;
  Verification verification = model.verification(bundle);
  CHECK(verification.good());
  REQUIRE(verification.uncovered.size() == 1);
  CHECK(verification.uncovered[0].path == "notes.txt");
  CHECK(verification.uncovered[0].bytes == 5);
  CHECK(verification.uncovered[0].why == "unsigned");
  // Weights files need a permission of their own.
  model.put("extra.safetensors", "x");
  CHECK(model.answer(bundle) == "weights_uncovered");
  model.request.allow_uncovered = true;
  CHECK(model.answer(bundle) == "good");
  fs::remove(model.scratch / "simple/signme-2");
  CHECK(model.answer(bundle) == "file_missing");
}

TEST_CASE("ignored weights files are a no unless allowed", "[sign]") {
  SignedModel model;
  model.put("model.safetensors", "weights");
  model.put("cache/a.gguf", "more weights");
  model.put("cache/b.txt", "text");
  const std::string bundle = bundle_of(model, {"model.safetensors", "cache"});
  const Verification verification = model.verification(bundle);
  CHECK(SignedModel::codes(verification) == "weights_uncovered");
  CHECK(verification.findings.reasons.size() == 2);
  REQUIRE(verification.uncovered.size() == 2);
  CHECK(verification.uncovered[0].path == "cache");
  CHECK(verification.uncovered[0].files == 2);
  CHECK(verification.uncovered[0].bytes == 16);
  CHECK(verification.uncovered[1].path == "model.safetensors");
  model.request.allow_uncovered = true;
  CHECK(model.answer(bundle) == "good");
}

TEST_CASE("only the four git names at the top level are left out", "[sign]") {
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

TEST_CASE("a model may contain its own signature and others", "[sign]") {
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
    const auto verification = verify_model(model.request);
    REQUIRE(verification);
    CHECK(SignedModel::codes(*verification) == "good");
    CHECK(verification->uncovered.size() == 1);
  }
  // A file with the name of a bundle is not a bundle.
  model.put("third.sig", "anything");
  const auto verification = verify_model(model.request);
  REQUIRE(verification);
  CHECK(SignedModel::codes(*verification) == "file_extra");
}

TEST_CASE("a single file is signed as '.' and verified under either name", "[sign]") {
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

TEST_CASE("ignored paths are relative to the model and inside it", "[sign]") {
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

TEST_CASE("with the legacy option only bundles of version 0.2 are accepted", "[sign]") {
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
