// claims.jsonl and what belongs together in it.
#include "claims/commit/claims_file.h"

#include "claims/commit/pack.h"
#include "sign/release/release_statement.h"
#include "tests/unit/claims/claim_kit.h"

namespace wmk::claims {
namespace {

using namespace test;

std::vector<ClaimLine> lines_of(const std::string& text) {
  sign::Findings findings;
  auto lines = must(read_claims(text, findings));
  REQUIRE(lines);
  return *std::move(lines);
}

std::string answer_together(const std::string& text) {
  const Trusted by;
  sign::Findings findings;
  check_together(lines_of(text), by.trust, findings);
  return codes(findings);
}

// A release statement about the files of the seal, which names this commitment.
std::string release_of(const Owner& owner, std::string commitment) {
  sign::ReleaseStatement release;
  release.root = *from_hex(sign::test::kRoot);
  release.manifest = sign::strict_digest({{"signme-1", *from_hex(sign::test::kDigest1)},
                                          {"signme-2", *from_hex(sign::test::kDigest2)}});
  release.commitment = std::move(commitment);
  release.mark = sign::ReleasedMark{"ctss-v1", 0.004, 2, {"ffn", "heads"}, owner.content.base};
  return signed_bundle(release_text(release));
}

}  // namespace

TEST_CASE("a claim's file has one bundle on each line", "[claims]") {
  const Owner owner;
  const auto lines = lines_of(cat("\n", owner.made.bundle, "\n", owner.disclosure()));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].type == kCommitmentType);
  CHECK(lines[1].type == kDisclosureType);
  CHECK(lines[0].number == 2);
  CHECK(lines[1].number == 4);
  CHECK(cat(lines[0].text, "\n") == owner.made.bundle);
  CHECK(of_type(lines, kCommitmentType).size() == 1);
  // A bundle that was printed over several lines is brought onto one.
  const std::string wide = replaced(owner.made.bundle, ", ", ",\n  ");
  CHECK(must(one_line(wide)) == lines[0].text);
}

TEST_CASE("a claim's file with anything else is refused", "[claims][bad-input]") {
  const Owner owner;
  sign::Findings findings;
  CHECK_FALSE(read_claims("{", findings));
  CHECK_FALSE(read_claims(cat(owner.made.bundle, owner.made.bundle), findings));
  const auto none = read_claims("{}", findings);
  REQUIRE(none);
  CHECK_FALSE(*none);
  CHECK(findings.reasons.front().text.starts_with("line 1: "));
  std::string many;
  for (size_t i = 0; i <= kClaimsMax; ++i) many += signed_bundle(cat("{\"n\": ", i, "}"));
  CHECK_FALSE(read_claims(many, findings));
  CHECK(lines_of(signed_bundle("no JSON")).front().type.empty());
}

TEST_CASE("the bundles of a claim belong together", "[claims][bad-input]") {
  const Owner owner;
  const std::string named = release_of(owner, to_hex(owner.made.digest));
  const std::string seal = signed_bundle(sign::test::good_payload());
  CHECK(answer_together(owner.made.bundle) == "good");
  CHECK(answer_together(cat(owner.disclosure(), owner.made.bundle, named, seal)) == "good");
  CHECK(answer_together(seal) == "commitment_malformed");
  CHECK(answer_together(cat(owner.made.bundle, named)) == "own_statement");
  const std::string other = release_of(owner, std::string(64, '0'));
  CHECK(answer_together(cat(owner.made.bundle, other, seal)) == "commitment_release");
  CHECK(answer_together(cat(owner.disclosure(), named, seal)).find("disclosure_commitment") !=
        std::string::npos);
  CHECK(answer_together(cat(owner.made.bundle, signed_bundle("{}"))) == "predicate_type");
  const std::string shifted =
      replaced(owner.disclosed_payload(), "\"secret\": \"16", "\"secret\": \"17");
  CHECK(answer_together(cat(owner.made.bundle, signed_bundle(shifted))) == "disclosure_opening");
}

TEST_CASE("commitments of several signers are not one claim", "[claims][bad-input]") {
  const Owner owner;
  Commitment content = example_commitment();
  const sign::PrivateKey key = private_key("p384");
  const auto made = must(commit(content, wmk::test::test_key("other"), {key}));
  sign::Findings findings;
  check_together(lines_of(cat(owner.made.bundle, made.bundle)), {}, findings);
  CHECK(codes(findings) == "commitment_signer");
}

TEST_CASE("a release statement keeps the public facts of the mark", "[claims][bad-input]") {
  const Owner owner;
  const std::string bundle = release_of(owner, "00");
  sign::Findings findings;
  const auto read = sign::parse_release(lines_of(bundle).front().bundle.payload, findings);
  REQUIRE(read);
  REQUIRE(read->mark);
  CHECK(read->mark->sites == std::vector<std::string>{"ffn", "heads"});
  CHECK(read->mark->base == owner.content.base);
  const std::string text = sign::release_text(*read);
  CHECK_FALSE(sign::parse_release(replaced(text, "\"shares\": 2", "\"shares\": -2"), findings));
  CHECK_FALSE(
      sign::parse_release(replaced(text, "\"mark\": {", "\"mark\": [], \"x\": {"), findings));
}

}  // namespace wmk::claims
