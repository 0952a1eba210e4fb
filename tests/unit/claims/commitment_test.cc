// The commitment: the worked example, and what an adversary may do to it.
#include "claims/commit/commitment.h"

#include "claims/commit/pack.h"
#include "tests/unit/claims/claim_kit.h"

namespace wmk::claims {
namespace {

using namespace test;

// The owner's content with changes, signed again by the owner.
template <class Change>
std::string signed_with(const Change& change) {
  const Owner owner;
  Commitment content = owner.content;
  change(content);
  return signed_bundle(commitment_text(content));
}

std::string answer_to_text(const std::string& payload) {
  return answer_to_commitment(signed_bundle(payload));
}

}  // namespace

TEST_CASE("a commitment is the worked example of another implementation", "[claims]") {
  const Owner owner;
  const std::string expected = vector_text("commitment.json");
  CHECK(commitment_text(owner.content) == expected);
  CHECK(owner.made.digest == commitment_digest(expected));
  CHECK(answer_to_commitment(owner.made.bundle) == "good");
  sign::Findings findings;
  const auto read = parse_commitment(expected, findings);
  REQUIRE(read);
  CHECK(commitment_text(*read) == expected);
}

TEST_CASE("two commitments of one key have different nonces and roots", "[claims]") {
  const Owner owner;
  Commitment one = example_commitment(), two = example_commitment();
  one.nonce.clear();
  two.nonce.clear();
  must(commit(one, owner.master, {owner.key}));
  must(commit(two, owner.master, {owner.key}));
  CHECK(one.nonce.size() == kNonceBytes);
  CHECK(one.nonce != two.nonce);
  CHECK(one.root != two.root);
}

TEST_CASE("a commitment that another key signed is refused", "[claims][bad-input]") {
  const Owner owner;
  CHECK(answer_to_commitment(owner.made.bundle, "p384") == "key_hint");
  const std::string changed = replaced(
      owner.made.bundle, crypto::to_base64(as_bytes(commitment_text(owner.content))),
      crypto::to_base64(
          as_bytes(replaced(commitment_text(owner.content), "\"shares\": 2", "\"shares\": 3"))));
  CHECK(answer_to_commitment(changed) == "signature_invalid");
  // Without a trusted key the signature is not checked, and a note says so.
  auto unchecked = must(check_commitment(owner.made.bundle, {}));
  CHECK(unchecked.good());
  CHECK_FALSE(unchecked.is_signature_checked);
  CHECK(unchecked.findings().notes.size() == 1);
}

TEST_CASE("a copied commitment is refused: the signer is in the statement and in the tree",
          "[claims][bad-input]") {
  const Owner owner;
  const sign::PrivateKey thief = private_key("p384");
  // The owner's statement under the copier's signature.
  CHECK(answer_to_commitment(signed_bundle(commitment_text(owner.content), thief), "p384") ==
        "commitment_signer");
  // The owner's root in a statement that names the copier.
  Commitment copy = owner.content;
  copy.signer = thief.public_key().hint();
  CHECK(answer_to_commitment(signed_bundle(commitment_text(copy), thief), "p384") ==
        "commitment_tree");
  // With any leaf on the way that the copier can compute.
  const CommitmentTree own(wmk::test::test_key("thief"), copy.nonce, copy.signer);
  copy.path = own.path(kSignerLeaf);
  CHECK(answer_to_commitment(signed_bundle(commitment_text(copy), thief), "p384") ==
        "commitment_tree");
  // A tree of their own is theirs, but it does not hold the owner's secrets.
  copy.root = own.root();
  sign::Findings findings;
  CHECK(answer_to_commitment(signed_bundle(commitment_text(copy), thief), "p384") == "good");
  CHECK_FALSE(is_key(copy, owner.master, findings));
  CHECK(codes(findings) == "commitment_key");
}

TEST_CASE("a damaged tree is refused", "[claims][bad-input]") {
  CHECK(answer_to_commitment(signed_with([](Commitment& c) { c.root[0] ^= std::byte{1}; })) ==
        "commitment_tree");
  CHECK(answer_to_commitment(signed_with([](Commitment& c) { c.nonce[0] ^= std::byte{1}; })) ==
        "commitment_tree");
  CHECK(answer_to_commitment(signed_with([](Commitment& c) { c.path.pop_back(); })) ==
        "commitment_tree");
  CHECK(answer_to_commitment(signed_with([](Commitment& c) { c.path.push_back(c.root); })) ==
        "commitment_tree");
}

TEST_CASE("parameters that no mark can have are refused", "[claims][bad-input]") {
  const std::string text = vector_text("commitment.json");
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"ctss-v1", "ctss-v2"},
                                                        {"\"shares\": 2", "\"shares\": 0"},
                                                        {"\"shares\": 2", "\"shares\": 4294967297"},
                                                        {"0.004", "0.5"},
                                                        {"\"alpha\": 0.001", "\"alpha\": 1"},
                                                        {"\"alpha\": 0.001", "\"alpha\": 0"},
                                                        {"\"lambda\": 12", "\"lambda\": -1"},
                                                        {"\"lambda\": 12", "\"lambda\": 1e9"}}) {
    INFO(to);
    CHECK(answer_to_text(replaced(text, from, to)) == "commitment_parameters");
  }
}

TEST_CASE("a commitment is parsed strictly", "[claims][bad-input]") {
  const std::string text = vector_text("commitment.json");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"commitment:v1", "commitment:v2"},
           {"\"scheme\"", "\"extra\": 1, \"scheme\""},
           {"\"previous\": null", "\"previous\": \"00\""},
           {", \"previous\": null", ""},
           {"\"size\": 6", "\"size\": 7"},
           {"\"size\": 6", "\"size\": 6, \"more\": 0"},
           {"[\"ffn\", \"heads\"]", "[]"},
           {"[\"ffn\", \"heads\"]", "[\"ffn\", \"ffn\"]"},
           {"\"strings\"", "\"words\""},
           {"\"nonce\": \"20", "\"nonce\": \""},
           {"\"alpha\": 0.001", "\"alpha\": \"0.001\""},
           {"\"key\": \"wm1", "\"key\": \"wm2"},
           {"\"key\": \"wm1", "\"key\": \"wm1\\n"},
           {"\"key\": \"wm1", "\"key\": \"wm1a"},
           {"\"signer_path\": [", "\"signer_path\": [1, "},
           {"{\"_type\"", "{\"_type\": 1, \"_type\""}}) {
    INFO(to);
    CHECK(answer_to_text(replaced(text, from, to)) == "commitment_malformed");
  }
  CHECK(answer_to_text(sign::test::good_payload()) == "commitment_malformed");
  CHECK_FALSE(check_commitment("no JSON", {}));
}

TEST_CASE("a commitment is not signed on P-521", "[claims]") {
  const Owner owner;
  Commitment content = example_commitment();
  const sign::PrivateKey key = private_key("p521");
  CHECK_FALSE(commit(content, owner.master, {key}));
}

TEST_CASE("only the committed base and key match a commitment", "[claims]") {
  const Owner owner;
  auto checked = must(check_commitment(owner.made.bundle, {}));
  sign::Findings findings;
  CHECK(is_base(checked, Bytes(32, std::byte{0x11}), findings));
  CHECK(is_key(*checked.commitment, owner.master, findings));
  CHECK(findings.good());
  CHECK_FALSE(is_base(checked, Bytes(32, std::byte{0x12}), findings));
  CHECK_FALSE(is_key(*checked.commitment, wmk::test::test_key("other"), findings));
  CHECK(codes(findings) == "commitment_base commitment_key");
}

TEST_CASE("commitments of one signer form a chain, so that each one counts", "[claims]") {
  const Owner owner;
  std::vector<CheckedCommitment> chain;
  const auto add = [&](std::optional<Bytes> previous, std::byte nonce) {
    Commitment next = example_commitment();
    next.previous = std::move(previous);
    next.nonce[0] = nonce;
    const auto made = must(commit(next, owner.master, {owner.key}));
    chain.push_back(must(check_commitment(made.bundle, {})));
    return made.digest;
  };
  const Bytes first = add(std::nullopt, std::byte{1});
  const Bytes second = add(first, std::byte{2});
  add(second, std::byte{3});
  std::swap(chain[0], chain[2]);
  sign::Findings findings;
  CHECK(chain_order(chain, findings) == std::vector<size_t>{2, 1, 0});
  CHECK(follows(*chain[0].commitment, chain[1], findings));
  CHECK(findings.good());
  CHECK_FALSE(follows(*chain[0].commitment, chain[2], findings));
  // One is left out; then two that follow the same one: the luckiest of several.
  CHECK_FALSE(chain_order({chain[2], chain[0]}, findings));
  add(first, std::byte{4});
  CHECK_FALSE(chain_order(chain, findings));
  CHECK(codes(findings) == "commitment_previous");
}

TEST_CASE("the verdict rules are the page of this source tree", "[claims]") {
  const std::string page =
      wmk::test::content_of(std::filesystem::path(WMK_SOURCE_DIR) / "specs/verdicts.md");
  CHECK(verdict_rules() == sign::sha256(as_bytes(page)));
}

}  // namespace wmk::claims
