// The disclosure: what opens a share, and what does not.
#include "claims/commit/disclosure.h"

#include "tests/unit/claims/claim_kit.h"

namespace wmk::claims {
namespace {

using namespace test;

// The answer to a payload that the owner signed, with the owner's commitment.
std::string answer_to_payload(const std::string& payload) {
  const Owner owner;
  return answer_to_disclosure(cat(signed_bundle(payload), owner.made.bundle));
}

}  // namespace

TEST_CASE("a disclosure is the worked example of another implementation", "[claims]") {
  const Owner owner;
  const std::string expected = vector_text("disclosure.json");
  CHECK(owner.disclosed_payload() == expected);
  const Trusted by;
  const auto checked =
      must(check_disclosure(cat(owner.disclosure(), owner.made.bundle), "", by.trust));
  REQUIRE(checked.good());
  CHECK(checked.disclosure->share() == 1);
  CHECK(checked.disclosure->recipient == "The court");
  CHECK(checked.disclosure->case_id == "2026-1");
  CHECK(checked.disclosure->opening.secret.equals(embed::share_key(owner.master, 1)));
}

TEST_CASE("the user's own copy of the commitment counts", "[claims][bad-input]") {
  const Owner owner;
  CHECK(answer_to_disclosure(owner.disclosure(), owner.made.bundle) == "good");
  Commitment other = example_commitment();
  other.alpha = 0.01;
  const auto made = must(commit(other, owner.master, {owner.key}));
  // The secrets are those of both, but the parameters are not.
  CHECK(answer_to_disclosure(cat(owner.disclosure(), owner.made.bundle), made.bundle) ==
        "disclosure_commitment");
  CHECK(answer_to_disclosure(cat(owner.disclosure(), made.bundle)) == "disclosure_commitment");
}

TEST_CASE("another salt, secret, path or leaf opens nothing", "[claims][bad-input]") {
  const std::string text = vector_text("disclosure.json");
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"salt\": \"48", "\"salt\": \"49"},
                                                        {"\"secret\": \"16", "\"secret\": \"17"},
                                                        {"share/1", "share/0"},
                                                        {"\"path\": [\"b6", "\"path\": [\"b7"}}) {
    INFO(to);
    CHECK(answer_to_payload(replaced(text, from, to)) == "disclosure_opening");
  }
  // An inner node in place of a leaf: one hash less.
  const size_t from = text.find("\"b60583"), to = text.find("\"e25c7d");
  CHECK(answer_to_payload(text.substr(0, from) + text.substr(to)) == "disclosure_opening");
}

TEST_CASE("a share that the mark does not have is not opened", "[claims][bad-input]") {
  const Owner owner;
  CHECK(answer_to_payload(owner.disclosed_payload(0)) == "good");
  CHECK(answer_to_payload(owner.disclosed_payload(2)) == "disclosure_opening");
  CHECK_FALSE(disclose({owner.content, owner.made.digest, owner.master, 2, "a", "b"}, {owner.key}));
}

TEST_CASE("only the owner discloses", "[claims][bad-input]") {
  const Owner owner;
  const sign::PrivateKey other = private_key("p384");
  const std::string by_other = signed_bundle(owner.disclosed_payload(), other);
  CHECK(answer_to_disclosure(cat(by_other, owner.made.bundle)) == "key_hint");
  // Where no key is trusted, the signers are still compared.
  const auto checked = must(check_disclosure(cat(by_other, owner.made.bundle), "", {}));
  CHECK(codes(checked.verification.findings) == "disclosure_signer");
  CHECK_FALSE(disclose({owner.content, owner.made.digest, owner.master, 0, "a", "b"}, {other}));
  const crypto::SecretBytes thief = wmk::test::test_key("thief");
  CHECK_FALSE(disclose({owner.content, owner.made.digest, thief, 0, "a", "b"}, {owner.key}));
  CHECK_FALSE(disclose({owner.content, owner.made.digest, owner.master, 0, "", "b"}, {owner.key}));
}

TEST_CASE("a disclosed share opens no commitment of its reader", "[claims][bad-input]") {
  const Owner owner;
  const sign::PrivateKey thief = private_key("p384");
  // The reader knows secret, salt and path of one share, and copies root and nonce.
  Commitment copy = owner.content;
  copy.signer = thief.public_key().hint();
  const std::string commitment = signed_bundle(commitment_text(copy), thief);
  const std::string disclosure = signed_bundle(
      disclosure_text({commitment_digest(commitment_text(copy)), "2026-1", "The court",
                       open_share(owner.master, copy.nonce, owner.content.signer, 1)}),
      thief);
  const Trusted by("p384");
  const auto checked = must(check_disclosure(cat(disclosure, commitment), "", by.trust));
  CHECK(codes(checked.verification.findings) == "commitment_tree");
}

TEST_CASE("a disclosure is parsed strictly", "[claims][bad-input]") {
  const std::string text = vector_text("disclosure.json");
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"case\"", "\"extra\": 1, \"case\""},
                                                        {"share/1", "share/01"},
                                                        {"share/1", "share/4"},
                                                        {"share/1", "trace"},
                                                        {"share/1", "signer"},
                                                        {"\"salt\": \"48", "\"salt\": \""},
                                                        {"\"path\": [", "\"path\": [null, "},
                                                        {"\"to\": \"The court\"", "\"to\": 5"}}) {
    INFO(to);
    CHECK(answer_to_payload(replaced(text, from, to)) == "disclosure_malformed");
  }
  const Owner owner;
  const std::string other = signed_bundle(replaced(text, "disclosure:v1", "disclosure:v2"));
  CHECK_FALSE(check_disclosure(cat(other, owner.made.bundle), "", {}));
  CHECK_FALSE(check_disclosure("no JSON", "", {}));
  CHECK_FALSE(check_disclosure("", "", {}));
  CHECK_FALSE(check_disclosure(owner.disclosure(), "", {}));
  CHECK_FALSE(check_disclosure(owner.made.bundle, "", {}));
  CHECK_FALSE(
      check_disclosure(cat(owner.disclosure(0), owner.disclosure(1), owner.made.bundle), "", {}));
}

}  // namespace wmk::claims
