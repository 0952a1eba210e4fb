// What was there before the suspect, and what was made with sight of it (specs/arbitration.md 3.4,
// 3.6, 3.8).
#include "claims/arbitrate/party_proofs.h"
#include "claims/log/bundle_entry.h"
#include "tests/unit/claims/case_kit.h"
#include "tests/unit/claims/trust_kit.h"
#include "tests/unit/log/made_log.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

TEST_CASE("a release that was stated after the suspect shows nothing in its frame", "[claims]") {
  GoodCase fitted;
  fitted.facts.link->is_release_frame = true;
  fitted.facts.is_committed_release = true;
  CHECK(fitted.ruling() == "conclusive");
  // Whoever has the suspect can turn its embedding a little and call that the release.
  fitted.claimant.released.times = seen_at(kPublishedAt + 1);
  CHECK(fitted.verdict("priority") == "fail commitment_later");
  CHECK(fitted.ruling() == "undecided");
  fitted.claimant.released.times = {{kCommittedAt, "first", "a"}};
  CHECK(fitted.verdict("priority") == "open release_undated");
  CHECK(fitted.ruling() == "undecided");
  // An ancestor from between commitment and release could have been fitted to as well.
  fitted.claimant.released.times = seen_at(kCommittedAt + 1000);
  fitted.facts.acquisition->ancestors = {{"base", kCommittedAt + 500, Bytes(32, std::byte{9})}};
  CHECK(fitted.verdict("priority") == "open ancestor_older");
  CHECK(fitted.ruling() == "undecided");
  // The suspect's own frame needs no release.
  fitted.facts.link->is_release_frame = false;
  fitted.claimant.released.times.clear();
  CHECK(fitted.verdict("priority") == "pass committed_first");
  CHECK(fitted.ruling() == "conclusive");
}

TEST_CASE("a commitment that was logged once the suspect was there is one of 2^64", "[claims]") {
  GoodCase lucky;
  lucky.facts.link = link_with(9);
  CHECK(lucky.ruling() == "detected");
  // Timestamps prove its age, and not how many others the claimant had.
  lucky.claimant.committed.logged->seconds = kPublishedAt;
  CHECK(lucky.verdict("completeness") == "open logged_late");
  CHECK(lucky.verdict("priority") == "pass committed_first");
  CHECK_FALSE(lucky.decision().weight->commitments.has_value());
  CHECK(lucky.decision().weight->ln_tries == Approx(64 * std::numbers::ln2));
  CHECK(lucky.ruling() == "undecided");
  lucky.claimant.committed.logged->seconds.reset();
  CHECK(lucky.verdict("completeness") == "open log_undated");
  lucky.claimant.committed.logged.reset();
  CHECK(lucky.verdict("completeness") == "open log_undated");
  CHECK(lucky.ruling() == "undecided");
}

TEST_CASE("the first disclosure of a secret counts, whichever the claim shows first", "[claims]") {
  GoodCase again;
  CHECK(again.verdict("exposure") == "pass suspect_before_disclosure");
  again.claimant.disclosed_too = {{"d1", {{kAcquiredAt - 1, "third", "c"}}, std::nullopt}};
  CHECK(again.verdict("exposure") == "fail suspect_after_disclosure");
  CHECK(again.ruling() == "undecided");
  again.claimant.disclosed_too = {{"d1", {{kAcquiredAt + 1, "third", "c"}}, std::nullopt}};
  CHECK(again.verdict("exposure") == "pass suspect_before_disclosure");
}

TEST_CASE("every disclosure of a claim is the signer's, and of the same secret is remembered",
          "[claims]") {
  const Owner owner;
  const TrustOnDisk disk(Keys{{"claimant.pem", "p256.pub.pem"}});
  const TrustFolder trust = disk.trust();
  const auto read = [&](const std::string& more) {
    disk.scratch.put("claim/claims.jsonl", owner.made.bundle + owner.disclosure(1) + more);
    return must(read_party(disk.scratch / "claim", trust));
  };
  const Party one = read("");
  CHECK(one.disclosed_too.empty());
  const Party same = read(owner.disclosure(1));  // signed again
  CHECK(codes(same.integrity) == "good");
  CHECK(same.disclosed_too.size() == 1);
  const Party other = read(owner.disclosure(0));
  CHECK(codes(other.integrity) == "good");
  CHECK(other.disclosed_too.empty());
  const Party forged = read(signed_bundle(owner.disclosed_payload(0), private_key("p384")));
  CHECK(codes(forged.integrity) == "key_hint");
  CHECK_FALSE(may_read(forged));
}

TEST_CASE("commitments of all keys that are bound to the claimant are counted", "[claims]") {
  const Owner owner;
  const std::string commitment = owner.made.bundle;
  const auto count = [&](const std::string& first, const std::string& second) {
    const TrustOnDisk disk(Keys{{first, "p256.pub.pem"}, {second, "p384.pub.pem"}});
    disk.scratch.put("claim/claims.jsonl", commitment + owner.disclosure());
    TrustFolder trust = disk.trust();
    const Party party = must(read_party(disk.scratch / "claim", trust));
    const wmk::test::MadeLog log;
    std::vector<std::string> entries;
    for (const char* const key : {"p256", "p384"}) {
      sign::Findings findings;
      const auto bundle = must(sign::parse_bundle(
          key == std::string("p256") ? commitment
                                     : signed_bundle("{\"another\": 1}", private_key(key)),
          findings));
      const sign::PublicKey known = public_key(key);
      entries.push_back(bundle_entry(*bundle, &known, findings).value());
    }
    REQUIRE(log.append(entries));
    trust.policy = log.policy();
    return must(count_commitments({log.folder()}, trust, party, 1, nullptr)).entries;
  };
  CHECK(count("claimant-a.pem", "claimant-b.pem") == 2);
  CHECK(count("claimant-a.pem", "accused.pem") == 1);
  CHECK(count("one.pem", "two.pem") == 1);
}

TEST_CASE("a copy of a log that is older than a proof of the claim is not counted", "[claims]") {
  const Owner owner;
  const TrustOnDisk disk(Keys{{"claimant.pem", "p256.pub.pem"}});
  disk.scratch.put("claim/claims.jsonl", owner.made.bundle + owner.disclosure());
  TrustFolder trust = disk.trust();
  Party party = must(read_party(disk.scratch / "claim", trust));
  const wmk::test::MadeLog log;
  REQUIRE(log.append({"an entry", "another"}));
  trust.policy = log.policy();
  const auto code = [&] {
    return must(count_commitments({log.folder()}, trust, party, 1, nullptr)).code;
  };
  party.disclosed.logged = LoggedStatement{"example.org/marks", 1, 2, "p"};
  CHECK(code() == "commitment_not_logged");
  party.disclosed.logged->size = 3;
  CHECK(code() == "log_stale");
  party.disclosed.logged->origin = "example.org/other";
  CHECK(code() == "commitment_not_logged");
}
