// Entries of public logs as sources of time and as inclusion (specs/arbitration.md 3.3).
#include "claims/arbitrate/party.h"
#include "claims/arbitrate/rekor_entries.h"
#include "claims/arbitrate/rules.h"
#include "sign/bundle/envelope.h"
#include "sign/digest.h"
#include "sign/keyless/log_body.h"
#include "tests/unit/claims/trust_kit.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;
using sign::test::BundleParts;
using sign::test::kSigningTime;
using sign::test::Rekor;

namespace {

// The owner's commitment with entries of the instance that tests make.
struct LoggedClaim {
  LoggedClaim() : disk(Keys{{"claimant.pem", "p256.pub.pem"}}) {
    disk.put("trusted_root.json", sign::test::shared_instance().trusted_root());
    sign::Findings findings;
    const auto bundle = must(sign::parse_bundle(owner.made.bundle, findings));
    parts.payload = bundle->payload;
    parts.signature = bundle->signature;
    parts.hint = bundle->hint;
  }
  sign::LogEntry entry(Rekor rekor) const {
    sign::LogEntry out;
    const sign::PublicKey key = public_key();
    if (rekor == Rekor::first) {
      out.kind = "dsse";
      out.version = "0.0.1";
      out.time = kSigningTime;
      out.body = cat(
          R"({"apiVersion":"0.0.1","kind":"dsse","spec":{"payloadHash":)",
          R"({"algorithm":"sha256","value":")", to_hex(sign::sha256(as_bytes(parts.payload))),
          R"("},"signatures":[{"signature":")", crypto::to_base64(parts.signature),
          R"(","verifier":")", crypto::to_base64(as_bytes(oms_text("p256.pub.pem"))), R"("}]}})");
    } else {
      out.kind = "hashedrekord";
      out.version = "0.0.2";
      const std::string message = sign::pre_authentication(sign::kPayloadType, parts.payload);
      out.body = sign::hashedrekord_body(
          {key, {}, sign::digest_for_key(key, as_bytes(message)), parts.signature});
    }
    sign::test::shared_instance().enter(out, rekor);
    return out;
  }
  Party read() {
    disk.scratch.put("claim/claims.jsonl", cat(parts.text(), "\n", owner.disclosure()));
    trust = disk.trust();
    return must(read_party(disk.scratch / "claim", trust));
  }
  // Of the commitment.
  std::string inclusion() {
    const Party party = read();
    CHECK(codes(party.integrity) == "good");
    const Finding found = inclusion_finding(party);
    CHECK((found.verdict == FindingVerdict::pass) == !party.committed.times.empty());
    return found.code;
  }

  Owner owner;
  TrustOnDisk disk;
  BundleParts parts;
  TrustFolder trust;
};

}  // namespace

TEST_CASE("a log of the trusted root is a source of time and has the commitment", "[claims]") {
  LoggedClaim claim;
  claim.parts.entries = {claim.entry(Rekor::first)};
  const Party party = claim.read();
  REQUIRE(party.committed.times.size() == 1);
  CHECK(party.committed.times[0].seconds == kSigningTime);
  CHECK(party.committed.times[0].id == "operator:rekor.example.org");
  CHECK(inclusion_finding(party).text ==
        "index 1000005, log rekor.example.org, which signed for 2025-10-09T08:53:20Z");
  CHECK(inclusion_finding(party).code == "logged_publicly");
  CHECK(time_finding(party).code == "times_missing");
  // An authority of another operator is the second source; the log twice is one.
  claim.parts.entries.push_back(claim.entry(Rekor::first));
  CHECK(time_finding(claim.read()).code == "times_missing");
  claim.parts.timestamps = {
      sign::test::shared_instance().timestamp(claim.parts.signature, kSigningTime + 60)};
  CHECK(time_finding(claim.read()).code == "times_agree");
}

TEST_CASE("an entry without a time that the log promised leaves inclusion open", "[claims]") {
  LoggedClaim claim;
  const sign::LogEntry good = claim.entry(Rekor::first);
  claim.parts.entries = {claim.entry(Rekor::second)};
  CHECK(claim.inclusion() == "not_logged");
  claim.parts.entries = {good};
  claim.parts.entries[0].promise.clear();
  CHECK(claim.inclusion() == "not_logged");
  claim.parts.entries = {good};
  claim.parts.entries[0].time -= 1000;
  CHECK(claim.inclusion() == "not_logged");
  claim.parts.entries = {good};
  claim.parts.entries[0].proof.reset();
  CHECK(claim.inclusion() == "not_logged");
  // A bad entry does not hide a good one.
  claim.parts.entries.push_back(good);
  CHECK(claim.inclusion() == "logged_publicly");
  // Without the trusted root nobody knows the log.
  std::filesystem::remove(claim.disk.scratch / "trust/trusted_root.json");
  CHECK(claim.inclusion() == "not_logged");
}

TEST_CASE("an entry for another signature of the same commitment proves nothing", "[claims]") {
  LoggedClaim claim;
  const sign::LogEntry entry = claim.entry(Rekor::first);
  // ECDSA signatures differ each time: the same payload, signed again.
  const auto again = claim.owner.key.sign(
      as_bytes(sign::pre_authentication(sign::kPayloadType, claim.parts.payload)));
  claim.parts.signature = must(again);
  claim.parts.entries = {entry};
  CHECK(claim.inclusion() == "not_logged");
}
