// The release statement that belongs to a bundle.
#include "sign/release/release_statement.h"
#include "tests/unit/sign/seal_of.h"

namespace wmk::sign {
namespace {

using namespace test;

ReleaseStatement example_release() {
  ReleaseStatement release;
  release.subject = "simple";
  release.root = *from_hex(kRoot);
  release.manifest =
      strict_digest({{"signme-1", *from_hex(kDigest1)}, {"signme-2", *from_hex(kDigest2)}});
  release.licence = "Apache-2.0";
  release.commitment = "00ff";
  release.notices = {{"copyright", "LICENSE", "Copyright \"somebody\""}};
  release.tensors = {{"a", "BF16", {2, 3}, sha256(as_bytes("1"))},
                     {"b", "F32", {}, sha256(as_bytes("2"))}};
  return release;
}

// The answer for the model with this release statement.
std::string answer_with(const SignedModel& model, std::string_view statement_bundle) {
  VerifyRequest request = model.request;
  model.scratch.put("simple.sig", signed_bundle(good_payload()));
  request.release = model.scratch.put("it.sigstore.jsonl", statement_bundle);
  const auto verification = verify_model(request);
  REQUIRE(verification);
  CHECK(verification->release.has_value() == verification->good());
  return SignedModel::codes(*verification);
}

std::string signed_release(const ReleaseStatement& release) {
  return signed_bundle(release_text(release));
}

}  // namespace

TEST_CASE("a release statement is parsed as it was written", "[sign]") {
  const ReleaseStatement release = example_release();
  Findings findings;
  const auto read = parse_release(release_text(release), findings);
  REQUIRE(read);
  CHECK(read->subject == "simple");
  CHECK(read->root == release.root);
  CHECK(read->manifest == release.manifest);
  CHECK(read->licence == "Apache-2.0");
  CHECK(read->base_model.empty());
  CHECK(read->commitment == "00ff");
  REQUIRE(read->notices.size() == 1);
  CHECK(read->notices[0].text == "Copyright \"somebody\"");
  CHECK(read->tensors == release.tensors);
}

TEST_CASE("a release statement must have the bundle's signer and manifest", "[sign][bad-input]") {
  const SignedModel model;
  const std::string good = signed_release(example_release());
  CHECK(answer_with(model, good) == "good");
  CHECK(answer_with(model, cat("\n", signed_bundle(good_payload()), "\n", good)) == "good");
  CHECK(answer_with(model, signed_bundle(release_text(example_release()), private_key("p384"))) ==
        "own_statement");
  CHECK(answer_with(model, signed_bundle(good_payload())) == "own_statement");
  CHECK(answer_with(model, "") == "own_statement");
  ReleaseStatement other = example_release();
  other.root = sha256({});
  CHECK(answer_with(model, signed_release(other)) == "own_statement");
  // The same digests under other names have the same root, but another manifest digest.
  other = example_release();
  other.manifest =
      strict_digest({{"signme-1", *from_hex(kDigest2)}, {"signme-2", *from_hex(kDigest1)}});
  CHECK(answer_with(model, signed_release(other)) == "own_statement");
  const std::string text = release_text(example_release());
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {R"("name": "b")", R"("name": "a")"},
           {R"("shape": [2, 3])", R"("shape": [2, -3])"},
           {R"("shape": [2, 3])", R"("shape": 6)"},
           {R"("manifest")", R"("x")"},
           {R"("notices": [)", R"("notices": [1, )"},
           {"Statement/v1", "Statement/v2"}}) {
    INFO(to);
    CHECK(answer_with(model, signed_bundle(replaced(text, from, to))) == "own_statement");
  }
}

TEST_CASE("a release statement is not accepted as a bundle", "[sign]") {
  const SignedModel model;
  CHECK(model.answer(signed_release(example_release())) == "predicate_type");
}

TEST_CASE("tensors are compared by name, type, shape and bytes", "[sign]") {
  const auto table = example_release().tensors;
  CHECK(compare_tensors(table, table).equal());
  auto found = table;
  found[0].shape = {3, 2};
  found.push_back({"c", "F32", {1}, sha256({})});
  auto compared = compare_tensors(table, found);
  CHECK(compared.same == 1);
  CHECK(compared.differs == std::vector<std::string>{"a"});
  CHECK(compared.extra == std::vector<std::string>{"c"});
  CHECK(compared.missing.empty());
  compared = compare_tensors(found, {table[1]});
  CHECK(compared.missing == std::vector<std::string>{"a", "c"});
  CHECK(compared.same == 1);
}

}  // namespace wmk::sign
