// Statements that break a rule, each with a valid signature.
#include "sign/manifest/statement.h"

#include "sign/manifest/case_fold.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {
namespace {

using namespace test;

// SHA-256 over these digests as bytes.
std::string root_over(std::string_view digests) { return to_hex(sha256(*from_hex(digests))); }

std::string single(std::string_view name, std::string_view digest = kDigest1,
                   std::string_view algorithm = "sha256") {
  return payload_of(resource(name, digest, algorithm), root_over(digest));
}

}  // namespace

TEST_CASE("a manifest without files is refused, whatever it ignores", "[sign][bad-input]") {
  const SignedModel model;
  const std::string nothing = to_hex(sha256({}));
  for (const char* ignored :
       {"", R"(,"ignore_paths":["."])", R"(,"ignore_paths":["signme-1","signme-2"])"}) {
    CHECK(model.answer_to_payload(payload_of("", nothing, ignored)) == "manifest_empty");
  }
}

TEST_CASE("a name that could refer outside the model is refused before any file is opened",
          "[sign][bad-input]") {
  SignedModel model;
  model.scratch.put("secret", "signme-1\n");
  model.request.ignore_unsigned_files = true;
  for (const char* name : {"../secret", "a/../../secret", "..", "/etc/passwd", "C:\\\\x", "c:x",
                           "a\\\\b", "a//b", "./signme-1", "signme-1/", "a/./b", "", "//x", "/"}) {
    INFO(name);
    CHECK(model.answer_to_payload(single(name)) == "resource_name");
  }
  CHECK(model.answer_to_payload(single("a\\u0000b")) == "statement_malformed");
  CHECK(model.answer_to_payload(single(std::string(5000, 'x'))) == "resource_name");
  CHECK(model.answer_to_payload(single("signme-1")) == "good");
}

TEST_CASE("a file that is listed twice is refused", "[sign][bad-input]") {
  const SignedModel model;
  const std::string root = root_over(cat(kDigest1, kDigest2));
  CHECK(model.answer_to_payload(payload_of(
            cat(resource("signme-1", kDigest1), ",", resource("signme-1", kDigest2)), root)) ==
        "resource_twice");
}

TEST_CASE("there is exactly one subject with a name and a digest", "[sign][bad-input]") {
  const SignedModel model;
  const std::string payload = good_payload();
  const std::string subject = cat(R"({"name":"simple","digest":{"sha256":")", kRoot, "\"}}");
  const auto with = [&](std::string_view text) {
    return model.answer_to_payload(replaced(payload, subject, text));
  };
  CHECK(with("") == "subject");
  CHECK(with(cat(subject, ",", subject)) == "subject");
  CHECK(with(replaced(subject, "simple", "")) == "subject");
  CHECK(with(R"({"name":"simple"})") == "subject");
  CHECK(with(R"({"name":"simple","digest":{"sha512":"00"}})") == "subject");
  CHECK(with(replaced(subject, "simple", "anything else")) == "good");
  CHECK(with(replaced(subject, R"("sha256")", R"("sha1":"00","sha256")")) == "good");
}

TEST_CASE("the subject is the digest of the manifest", "[sign][bad-input]") {
  const SignedModel model;
  CHECK(model.answer_to_payload(replaced(good_payload(), kRoot, kDigest1)) == "root_digest");
}

TEST_CASE("two swapped files are detected although the root is the same", "[sign][bad-input]") {
  const SignedModel model;
  // The names are swapped and the digests are in the signed order, so the root is the model's.
  const std::string swapped =
      payload_of(cat(resource("signme-2", kDigest1), ",", resource("signme-1", kDigest2)), kRoot);
  const Verification verification = model.verification(signed_bundle(swapped));
  CHECK(SignedModel::codes(verification) == "file_differs");
  CHECK(verification.root == kRoot);
  CHECK(verification.findings.reasons.size() == 2);
}

TEST_CASE("a digest has the length of its algorithm, in lower case", "[sign][bad-input]") {
  const SignedModel model;
  std::string upper(kDigest1);
  for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  for (const std::string& digest :
       {upper, std::string(kDigest1.substr(0, 32)), std::string(kDigest1.substr(0, 63)),
        cat(kDigest1, kDigest2), std::string(), std::string(64, 'g')}) {
    INFO(digest);
    CHECK(model.answer_to_payload(payload_of(resource("signme-1", digest), kRoot)) ==
          "resource_digest");
  }
  CHECK(model.answer_to_payload(single("signme-1", kDigest1, "md5")) == "resource_algorithm");
  CHECK(model.answer_to_payload(single("signme-1", kDigest1, "blake2b")) == "resource_algorithm");
  // A digest of 64 bytes is not accepted as two of 32.
  CHECK(model.answer_to_payload(payload_of(resource("signme-1", cat(kDigest1, kDigest2), "blake2b"),
                                           kRoot, "", "blake2b")) != "good");
}

TEST_CASE("a manifest of BLAKE2b digests verifies", "[sign]") {
  SignedModel model;
  model.request.ignore_unsigned_files = true;
  Hasher hasher(Hash::blake2b);
  hasher.absorb(as_bytes("signme-1\n"));
  const std::string digest = to_hex(hasher.finish());
  const auto payload = [&](std::string_view text) {
    return payload_of(resource("signme-1", text, "blake2b"), root_over(text), "", "blake2b");
  };
  CHECK(model.answer_to_payload(payload(digest)) == "good");
  CHECK(model.answer_to_payload(payload(cat(kDigest1, kDigest2))) == "file_differs");
}

TEST_CASE("unsupported serializations are refused, not skipped", "[sign][bad-input]") {
  const SignedModel model;
  const std::string payload = good_payload();
  CHECK(model.answer_to_payload(replaced(payload, R"("method":"files")",
                                         R"("method":"shards","shard_size":1000000000)")) ==
        "serialization_unsupported");
  CHECK(model.answer_to_payload(replaced(payload, R"("method":"files")",
                                         R"("method":"shards","shard_size":1000000000.0)")) ==
        "serialization_unsupported");
  CHECK(model.answer_to_payload(
            replaced(payload, R"("hash_type":"sha256")", R"("hash_type":"blake3")")) ==
        "serialization_unsupported");
  CHECK(model.answer_to_payload(
            replaced(payload, R"("method":"files")", R"("method":"files","shard_size":1)")) ==
        "statement_malformed");
}

TEST_CASE("statements of other types are refused", "[sign][bad-input]") {
  const SignedModel model;
  const std::string payload = good_payload();
  CHECK(model.answer_to_payload(replaced(payload, "Statement/v1", "Statement/v0.1")) ==
        "statement_type");
  CHECK(model.answer_to_payload(replaced(payload, kPredicateType, "https://slsa.dev/x")) ==
        "predicate_type");
  CHECK(model.answer_to_payload(replaced(payload, kPredicateType, kLegacyPredicateType)) ==
        "predicate_type");
  CHECK(model.answer_to_payload(replaced(payload, R"("predicate":)", R"("predicate":1,"x":)")) ==
        "statement_malformed");
  CHECK(model.answer_to_payload(replaced(payload, R"("resources")", R"("x":1,"resources")")) ==
        "statement_malformed");
  CHECK(model.answer_to_payload(replaced(payload, R"("hash_type")", R"("x":1,"hash_type")")) ==
        "statement_malformed");
  CHECK(model.answer_to_payload("[]") == "statement_malformed");
  CHECK(model.answer_to_payload("no JSON") == "statement_malformed");
}

TEST_CASE("white space, member order and extra members of a resource are ignored", "[sign]") {
  const SignedModel model;
  const std::string payload = good_payload();
  CHECK(model.answer_to_payload(cat(" \n", replaced(payload, ",\"", "\n,\t\""), "\n")) == "good");
  CHECK(model.answer_to_payload(
            replaced(payload, R"({"name":"signme-1")",
                     R"({"uri":"x","annotations":{"a":[1]},"name":"signme-1")")) == "good");
  const std::string reversed =
      payload_of(cat(resource("signme-2", kDigest2), ",", resource("signme-1", kDigest1)),
                 root_over(cat(kDigest2, kDigest1)));
  const Verification verification = model.verification(signed_bundle(reversed));
  CHECK(verification.good());
  CHECK(verification.findings.notes ==
        std::vector<std::string>{"the manifest is not sorted by the bytes of its names"});
}

TEST_CASE("depth, size and numbers of a statement have limits", "[sign][bad-input]") {
  const SignedModel model;
  const auto with = [&](std::string_view value) {
    return model.answer_to_payload(replaced(good_payload(), R"({"name":"signme-1")",
                                            cat(R"({"uri":)", value, R"(,"name":"signme-1")")));
  };
  CHECK(with(std::string(10000, '[') + std::string(10000, ']')) == "statement_malformed");
  CHECK(with("1e999") == "statement_malformed");
  CHECK(with("36893488147419103232") == "good");
  std::string many = "[1";
  for (int i = 0; i < 2'000'001; ++i) many += ",1";
  CHECK(with(many + "]") == "statement_malformed");
}

TEST_CASE("names that collide on case-insensitive file systems are reported", "[sign]") {
  SignedModel model;
  model.put("SIGNME-1", "signme-1\n");
  const std::string payload =
      payload_of(cat(resource("SIGNME-1", kDigest1), ",", resource("signme-1", kDigest1), ",",
                     resource("signme-2", kDigest2)),
                 root_over(cat(kDigest1, kDigest1, kDigest2)));
  const Verification verification = model.verification(signed_bundle(payload));
  CHECK(verification.good());
  REQUIRE(verification.findings.notes.size() == 1);
  CHECK(verification.findings.notes[0] ==
        "'SIGNME-1' and 'signme-1' are the same name on some file systems");
  CHECK(case_folded("\xC3\x84"
                    "B.bin") == case_folded("\xC3\xA4"
                                            "b.bin"));  // A with dots, a with dots
  CHECK(case_folded("\xC3\xA9"
                    "t\xC3\xA9") == case_folded("e\xCC\x81te\xCC\x81"));  // composed, decomposed
  CHECK(case_folded("\xC5\xBB") == case_folded("z\xCC\x87"));
  CHECK(case_folded("\xCE\xA3\xCF\x83") == case_folded("\xCF\x82\xCE\xA3"));  // Greek sigmas
  CHECK(case_folded("\xD0\x81") == case_folded("\xD1\x91"));                  // Cyrillic
  CHECK(case_folded("\xE1\xBA\x80") == case_folded("w\xCC\x80"));
  CHECK(case_folded("ab") != case_folded("ac"));
  CHECK(case_folded("a") != case_folded("\xC3\xA4"));
}

TEST_CASE("writing a statement is deterministic and parsing inverts it", "[sign]") {
  Statement statement;
  statement.subject =
      "m\xC3\xB6"
      "del \"x\"";
  statement.resources = {{"a-b", sha256(as_bytes("1"))}, {"a/b", sha256(as_bytes("2"))}};
  statement.root = root_digest(statement.resources);
  statement.ignore_paths = {".git"};
  const std::string text = statement_text(statement);
  CHECK(text == statement_text(statement));
  CHECK(text.find('\n') == std::string::npos);
  Findings findings;
  const auto read = parse_statement(text, false, findings);
  REQUIRE(read);
  CHECK(findings.notes.empty());
  CHECK(read->subject == statement.subject);
  CHECK(read->root == statement.root);
  CHECK(read->resources[1].name == "a/b");
  CHECK(read->ignore_paths == statement.ignore_paths);
}

}  // namespace wmk::sign
