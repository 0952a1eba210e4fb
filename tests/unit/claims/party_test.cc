// Claim folders and trust folders on the disk (specs/arbitration.md 1).
#include "claims/arbitrate/party.h"

#include "claims/arbitrate/read_share.h"
#include "tests/unit/claims/case_kit.h"
#include "tests/unit/log/made_log.h"
#include "tests/unit/scratch.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

namespace {

// The owner's commitment and disclosure, and a trust folder with these keys.
struct ClaimOnDisk {
  explicit ClaimOnDisk(std::initializer_list<std::string_view> trusted = {"p384", "p256"}) {
    scratch.put("claim/claims.jsonl", owner.made.bundle + owner.disclosure());
    for (const std::string_view name : trusted) {
      scratch.put(cat("trust/keys/", name, ".pem"),
                  wmk::test::content_of(sign::test::oms_vector(cat(name, ".pub.pem"))));
    }
  }
  TrustFolder trust() const { return must(TrustFolder::read(scratch / "trust")); }

  Owner owner;
  wmk::test::Scratch scratch;
};

}  // namespace

TEST_CASE("papers of a claim are read against the trust folder", "[claims]") {
  const ClaimOnDisk disk;
  const TrustFolder trust = disk.trust();
  const Party party = must(read_party(disk.scratch / "claim", trust));
  CHECK(codes(party.integrity) == "good");
  CHECK(codes(party.opening) == "good");
  CHECK(may_read(party));
  REQUIRE(party.signer != nullptr);
  CHECK(party.signer->name() == "keys/p256.pem");
  CHECK(party.committed.digest == to_hex(disk.owner.made.digest));
  CHECK(party.share() == 1);
  CHECK(of_type(party.lines, kCommitmentType).size() == 1);
}

TEST_CASE("keys inside a claim are no roots of trust", "[claims]") {
  const ClaimOnDisk disk({"p384"});
  disk.scratch.put("claim/keys/p256.pem",
                   wmk::test::content_of(sign::test::oms_vector("p256.pub.pem")));
  disk.scratch.put("claim/policy", "quorum none\n");
  const TrustFolder trust = disk.trust();
  const Party party = must(read_party(disk.scratch / "claim", trust));
  CHECK(codes(party.integrity) == "key_hint");
  CHECK_FALSE(may_read(party));
  CHECK(party.ignored == std::vector<std::string>{"keys", "policy"});
}

TEST_CASE("a claim that opens nothing is refused with its reason", "[claims]") {
  const ClaimOnDisk disk;
  const TrustFolder trust = disk.trust();
  disk.scratch.put("claim/claims.jsonl", disk.owner.made.bundle);
  const Party party = must(read_party(disk.scratch / "claim", trust));
  CHECK(codes(party.opening) == "disclosure_malformed");
  disk.scratch.put("claim/claims.jsonl", disk.owner.disclosure());
  const Party orphan = must(read_party(disk.scratch / "claim", trust));
  CHECK_FALSE(may_read(orphan));
}

TEST_CASE("files of a claim or of a trust folder that cannot be read are errors",
          "[claims][bad-input]") {
  const ClaimOnDisk disk;
  const TrustFolder trust = disk.trust();
  CHECK_FALSE(read_party(disk.scratch / "nowhere", trust).has_value());
  disk.scratch.put("claim/proofs/a.tlog-proof", "no proof\n");
  CHECK_FALSE(read_party(disk.scratch / "claim", trust).has_value());
  disk.scratch.put("other/claims.jsonl", "not json\n");
  CHECK_FALSE(read_party(disk.scratch / "other", trust).has_value());
  CHECK_FALSE(TrustFolder::read(disk.scratch / "claim").has_value());
  disk.scratch.put("trust/policy", "quorum nobody\n");
  CHECK_FALSE(TrustFolder::read(disk.scratch / "trust").has_value());
}

TEST_CASE("a count without a policy, a log or the commitment is not known", "[claims]") {
  const ClaimOnDisk disk;
  TrustFolder trust = disk.trust();
  const Party party = must(read_party(disk.scratch / "claim", trust));
  const auto code = [&](const std::vector<std::filesystem::path>& logs) {
    return must(count_commitments(logs, trust, party, 1, nullptr)).code;
  };
  CHECK(code({}) == "policy_missing");
  const wmk::test::MadeLog log;
  REQUIRE(log.append(wmk::test::numbered_entries(0, 3)));
  trust.policy = log.policy();
  CHECK(code({}) == "log_missing");
  CHECK(code({log.folder()}) == "commitment_not_logged");
}

TEST_CASE("2^20 keys ground against an innocent suspect stay within the bound", "[claims]") {
  // An innocent sketch, fixed before: 128 coefficients of unit norm.
  std::array<double, 128> sketch{};
  double norm = 0;
  for (size_t i = 0; i < sketch.size(); ++i) {
    sketch[i] = 1.0 / static_cast<double>(1 + i % 3);
    norm += sketch[i] * sketch[i];
  }
  constexpr uint64_t kKeys = 1 << 20;
  std::array<uint64_t, 7> above{};  // z >= 0, 1, ... 6
  double largest = 0;
  for (uint64_t i = 0; i < kKeys; ++i) {
    Bytes bytes(32);
    std::memcpy(bytes.data(), &i, sizeof(i));
    const auto key = crypto::SecretBytes::take(bytes);
    const auto carriers = embed::stream_signs(key, "ground", sketch.size());
    double z = 0;
    for (size_t j = 0; j < sketch.size(); ++j) z += carriers[j] * sketch[j];
    z /= std::sqrt(norm);
    largest = std::max(largest, z);
    for (size_t t = 0; t < above.size(); ++t) above[t] += z >= static_cast<double>(t);
  }
  for (size_t t = 1; t < above.size(); ++t) {
    const double bound = std::exp(-0.5 * static_cast<double>(t * t)) * kKeys;
    CHECK(static_cast<double>(above[t]) <= bound);
  }
  CHECK(largest > 4);  // grinding gains something,
  GoodCase ground;     // and decides nothing, whoever counts.
  ground.facts.link = link_with(largest);
  ground.facts.count.commitments = 1;
  CHECK(ground.ruling() == "undecided");
}

TEST_CASE("the worked example of the page", "[claims]") {
  GoodCase example;
  CHECK(example.facts.link->price == 448);
  const Weight counted = *example.decision().weight;
  CHECK(counted.ln_p / std::numbers::ln10 == Approx(-192.8).margin(0.05));
  CHECK(counted.ln_e / std::numbers::ln10 == Approx(122.4).margin(0.05));
  example.facts.count = {std::nullopt, "log_missing", "no copy of a log was given"};
  const Weight uncounted = *example.decision().weight;
  CHECK(uncounted.ln_p / std::numbers::ln10 == Approx(-173.5).margin(0.05));
  CHECK(uncounted.ln_e / std::numbers::ln10 == Approx(103.2).margin(0.05));
  example.facts.link = link_with(9);
  CHECK(example.decision().weight->ln_p == 0);
  CHECK(example.ruling() == "undecided");
  example.facts.count.commitments = 1;
  CHECK(example.decision().weight->ln_p / std::numbers::ln10 == Approx(-14.9).margin(0.05));
}
