// Whose seal is over the suspect (specs/arbitration.md 1.1, 3.5).
#include "claims/arbitrate/seal.h"

#include "tests/unit/claims/case_kit.h"
#include "tests/unit/claims/trust_kit.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

namespace {

std::string sealed_by(std::string_view key) {
  return signed_bundle(sign::test::good_payload(), private_key(key));
}

// What custody says of this seal, where the acquisition names the accused's signature.
std::string custody_with(const SealFacts& seal) {
  GoodCase sealed;
  sealed.facts.acquisition->custody = Custody::accused_signature;
  sealed.facts.suspect.seal = seal;
  return sealed.verdict("custody");
}

}  // namespace

TEST_CASE("a seal is the accused's if a file name binds its key", "[claims]") {
  const SealedSuspect suspect;
  const TrustOnDisk bound(Keys{{"accused.pem", "p384.pub.pem"}, {"claimant.pem", "p256.pub.pem"}});
  const TrustFolder trust = bound.trust();
  const SealFacts good = suspect.check(trust, sealed_by("p384"));
  CHECK(good.is_good);
  CHECK(good.is_accused());
  CHECK(good.signer.name == "keys/accused.pem");
  CHECK(good.signer.fingerprint == public_key("p384").hint());
  CHECK(custody_with(good) == "pass accused_signature");
  // A key that no name binds may be anybody's, so it is no accused party's word.
  const TrustOnDisk unbound(Keys{{"one.pem", "p384.pub.pem"}, {"two.pem", "p256.pub.pem"}});
  const SealFacts open = suspect.check(unbound.trust(), sealed_by("p384"));
  CHECK(open.is_good);
  CHECK_FALSE(open.is_accused());
  CHECK(custody_with(open) == "open accused_unbound");
  // Once the accused is bound, a third party's key is not tried.
  bound.put("keys/third.pem", oms_text("p521.pub.pem"));
  const SealFacts third = suspect.check(bound.trust(), sealed_by("p521"));
  CHECK_FALSE(third.is_good);
  CHECK(custody_with(third) == "fail seal_bad");
}

TEST_CASE("no key of the claimant seals the suspect", "[claims]") {
  const SealedSuspect suspect;
  const TrustOnDisk disk(Keys{{"one.pem", "p384.pub.pem"}, {"two.pem", "p256.pub.pem"}});
  const TrustFolder trust = disk.trust();
  const TrustedKey* const claimant = &trust.keys[1];
  REQUIRE(claimant->file == "two.pem");
  CHECK_FALSE(suspect.check(trust, sealed_by("p256"), claimant).is_good);
  CHECK(suspect.check(trust, sealed_by("p384"), claimant).is_good);
  // A second key that is bound to the claimant.
  const TrustOnDisk two(
      Keys{{"claimant-a.pem", "p256.pub.pem"}, {"claimant-b.pem", "p384.pub.pem"}});
  const TrustFolder bound = two.trust();
  const SealFacts own = suspect.check(bound, sealed_by("p384"), &bound.keys[0]);
  CHECK_FALSE(own.is_good);
  CHECK(codes(own.findings) == "key_hint");
}

TEST_CASE("a certificate in the trust folder stands for its key", "[claims]") {
  const SealedSuspect suspect;
  const TrustOnDisk disk(Keys{{"accused.pem", "leaf.crt.pem"}, {"claimant.pem", "p256.pub.pem"}});
  const TrustFolder trust = disk.trust();
  CHECK(trust.keys[0].key.equals(private_key("leaf").public_key()));
  for (const std::string& bundle : {oms_text("by-leaf.sig"), sealed_by("leaf")}) {
    const SealFacts sealed = suspect.check(trust, bundle);
    CHECK(sealed.is_accused());
    CHECK(sealed.signer.name == "keys/accused.pem (certificate of CN=Example release)");
  }
  // Another certificate in the bundle, or another signature under it.
  CHECK(codes(suspect.check(trust, oms_text("by-web.sig")).findings) != "good");
  CHECK(codes(suspect.check(trust, sealed_by("p384")).findings) == "key_hint");
}

TEST_CASE("a keyless seal is the accused's by identity and provider", "[claims]") {
  const SealedSuspect suspect;
  const TrustOnDisk disk(Keys{{"claimant.pem", "p256.pub.pem"}});
  const std::string bundle = sign::test::good_parts(sign::test::Rekor::first).text();
  CHECK(codes(suspect.check(disk.trust(), bundle).findings) == "certificate_identity");
  disk.put("trusted_root.json", sign::test::shared_instance().trusted_root());
  disk.put("accused.identities",
           "# the accused\nother@example.org https://accounts.example.org\n"
           "signer@example.org\thttps://accounts.example.org\n");
  const SealFacts good = suspect.check(disk.trust(), bundle);
  CHECK(good.is_accused());
  CHECK(good.signer.name == "signer@example.org, confirmed by https://accounts.example.org");
  CHECK(good.signer.fingerprint.size() == 64);
  CHECK(custody_with(good) == "pass accused_signature");
  // With identities the accused is bound, so no other key counts.
  disk.put("keys/third.pem", oms_text("p384.pub.pem"));
  CHECK_FALSE(suspect.check(disk.trust(), sealed_by("p384")).is_good);
  disk.put("accused.identities", "signer@example.org https://elsewhere.example\n");
  CHECK(codes(suspect.check(disk.trust(), bundle).findings) == "certificate_oidc_issuer");
}

TEST_CASE("a seal that leaves out a file of the suspect does not vouch for it", "[claims]") {
  const SealedSuspect suspect;
  const TrustOnDisk disk(Keys{{"accused.pem", "p384.pub.pem"}});
  const auto sealed = [&](std::string_view ignored) {
    const std::string digest = to_hex(sign::sha256(from_hex(sign::test::kDigest1).value()));
    return suspect.check(
        disk.trust(),
        signed_bundle(sign::test::payload_of(sign::test::resource("signme-1", sign::test::kDigest1),
                                             digest, ignored),
                      private_key("p384")));
  };
  const SealFacts partial = sealed(R"(,"ignore_paths":["signme-2"])");
  CHECK(partial.is_good);
  CHECK(partial.left_out == "signme-2");
  CHECK(custody_with(partial) == "open seal_partial");
  CHECK(custody_with(sealed("")) == "fail seal_bad");
}
