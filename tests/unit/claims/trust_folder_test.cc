// The arbitrator's own folder: keys, roles, identities, times (specs/arbitration.md 1).
#include "claims/arbitrate/trust_folder.h"

#include <openssl/evp.h>

#include "claims/arbitrate/party.h"
#include "sign/bundle/envelope.h"
#include "tests/unit/claims/trust_kit.h"

using namespace wmk;
using namespace wmk::claims;
using namespace wmk::claims::test;

namespace {

// Whether a claim signed with p256 is this party's, by the names of these files.
std::string claim_answer(const Keys& keys, Role role = Role::claimant) {
  const TrustOnDisk disk(keys);
  const Owner owner;
  disk.scratch.put("claim/claims.jsonl", owner.made.bundle + owner.disclosure());
  const TrustFolder trust = disk.trust();
  const Party party = must(read_party(disk.scratch / "claim", trust, role));
  return codes(party.integrity);
}

}  // namespace

TEST_CASE("a claim is signed by a key that may stand for the claimant", "[claims]") {
  CHECK(claim_answer({{"any.pem", "p256.pub.pem"}}) == "good");
  CHECK(claim_answer({{"claimant.pem", "p256.pub.pem"}}) == "good");
  CHECK(claim_answer({{"any.pem", "p256.pub.pem"}, {"accused.pem", "p384.pub.pem"}}) == "good");
  CHECK(claim_answer({{"any.pem", "p256.pub.pem"}, {"claimant.pem", "p384.pub.pem"}}) ==
        "key_hint");
  CHECK(claim_answer({{"accused.pem", "p256.pub.pem"}}) == "key_hint");
  // The opponent may be the accused or a third party, and is not the claimant.
  CHECK(claim_answer({{"accused.pem", "p256.pub.pem"}}, Role::none) == "good");
  CHECK(claim_answer({{"any.pem", "p256.pub.pem"}}, Role::none) == "good");
  CHECK(claim_answer({{"claimant.pem", "p256.pub.pem"}}, Role::none) == "key_hint");
}

TEST_CASE("a key of the trust folder is one key, in one role", "[claims][bad-input]") {
  const TrustOnDisk roles(Keys{{"accused.pem", "p256.pub.pem"}, {"claimant.pem", "p256.pub.pem"}});
  CHECK(roles.refusal() == "keys/accused.pem and keys/claimant.pem: one key in two roles");
  const TrustOnDisk copy(Keys{{"accused.pem", "p256.pub.pem"}, {"copy.pem", "p256.pub.pem"}});
  CHECK(copy.refusal().find("one key in two roles") != std::string::npos);
  const TrustOnDisk both(Keys{});
  both.put("keys/a.pem", oms_text("leaf.crt.pem") + oms_text("p256.pub.pem"));
  CHECK(both.refusal().find("has a public key and a certificate") != std::string::npos);
  const TrustOnDisk chain(Keys{});
  chain.put("keys/a.pem", oms_text("leaf.crt.pem") + oms_text("root.crt.pem"));
  CHECK(chain.refusal().find("has 2 certificates") != std::string::npos);
  const TrustOnDisk damaged(Keys{});
  damaged.put("keys/a.pem", oms_text("leaf.crt.pem").substr(0, 200));
  CHECK(damaged.refusal().find("damaged") != std::string::npos);
}

TEST_CASE("a key that cannot be read is an error, and leaves nobody unbound",
          "[claims][bad-input]") {
  const TrustOnDisk disk(Keys{{"any.pem", "p384.pub.pem"}, {"Accused-1.pem", "p256.pub.pem"}});
  CHECK(disk.trust().binds(Role::accused));
  const auto link = disk.scratch / "trust/keys/claimant.pem";
  std::filesystem::create_symlink(sign::test::oms_vector("p521.pub.pem"), link);
  CHECK(disk.trust().binds(Role::claimant));
  std::filesystem::remove(link);
  std::filesystem::create_symlink("nowhere", link);
  CHECK(disk.refusal().find("claimant.pem") != std::string::npos);
  std::filesystem::remove(link);
  std::filesystem::create_directory(link);
  CHECK(disk.refusal().find("claimant.pem") != std::string::npos);
  std::filesystem::remove(link);
  std::filesystem::create_symlink("nowhere", disk.scratch / "trust/accused.identities");
  CHECK(disk.refusal().find("accused.identities") != std::string::npos);
}

TEST_CASE("identities of the accused are two words a line", "[claims][bad-input]") {
  const TrustOnDisk disk(Keys{{"claimant.pem", "p256.pub.pem"}});
  disk.put("accused.identities", "a@example.org https://accounts.example.org\n");
  CHECK(disk.refusal().find("trusted_root.json") != std::string::npos);
  disk.put("trusted_root.json", sign::test::shared_instance().trusted_root());
  REQUIRE(disk.trust().identities.size() == 1);
  CHECK(disk.trust().identities[0].name == "a@example.org");
  disk.put("accused.identities", "\n# a@example.org\na@example.org\n");
  CHECK(disk.refusal().find("line 3 is not an identity and its provider") != std::string::npos);
  std::string many;
  for (int i = 0; i < 65; ++i) many += cat("a", i, "@example.org https://accounts.example.org\n");
  disk.put("accused.identities", many);
  CHECK(disk.refusal().find("line 65 is one identity too many") != std::string::npos);
}

TEST_CASE("all that one operator of a trusted root signs is one source of time", "[claims]") {
  const sign::test::SigstoreInstance& instance = sign::test::shared_instance();
  const TrustOnDisk disk(Keys{{"any.pem", "p256.pub.pem"}});
  disk.put("trusted_root.json", instance.trusted_root());
  TrustFolder trust = disk.trust();
  sign::Bundle bundle;
  bundle.signature = Bytes(64, std::byte{5});
  bundle.timestamps = {instance.timestamp(bundle.signature)};
  REQUIRE(trust.times_of(bundle).size() == 1);
  CHECK(trust.times_of(bundle)[0].id == "operator:timestamp.example.org");
  // The same authority by tsa.pem, too: still one.
  trust.authorities = sign::TrustAnchors{{instance.timestamp_root.der()}};
  CHECK(trust.times_of(bundle).size() == 2);
  CHECK_FALSE(seen_by(trust.times_of(bundle)));
  CHECK(seen_by(trust.times_of(bundle), 1) == sign::test::kSigningTime);
  trust.root.reset();
  CHECK(trust.times_of(bundle).size() == 1);
  CHECK(trust.times_of(bundle)[0].id.starts_with("root:"));
}

// Its owner has two certificates, and shows each token with one of them.
TEST_CASE("one key of an authority under two roots is one source of time", "[claims]") {
  using sign::test::kSigningTime;
  const TrustOnDisk disk(Keys{{"any.pem", "p256.pub.pem"}});
  TrustFolder trust = disk.trust();
  sign::Bundle bundle;
  bundle.signature = Bytes(64, std::byte{5});
  const sign::KeyPointer one = sign::test::p256_key(), two = sign::test::p256_key();
  const auto stamped = [&](const sign::KeyPointer& key, const sign::test::MadeCertificate& root) {
    EVP_PKEY_up_ref(key.get());
    const auto authority = sign::test::issue({"clock",
                                              kSigningTime - 9,
                                              99,
                                              {{"keyUsage", "critical,digitalSignature"},
                                               {"extendedKeyUsage", "critical,timeStamping"}}},
                                             sign::KeyPointer(key.get()), &root);
    return sign::test::timestamp_by(authority, bundle.signature, kSigningTime);
  };
  const sign::test::SigstoreInstance& first = sign::test::shared_instance();
  const sign::test::SigstoreInstance second("second.example");
  trust.authorities = sign::TrustAnchors{{first.timestamp_root.der(), second.timestamp_root.der()}};
  bundle.timestamps = {stamped(one, first.timestamp_root), stamped(two, second.timestamp_root)};
  CHECK(trust.times_of(bundle).size() == 2);
  CHECK(seen_by(trust.times_of(bundle)) == kSigningTime);
  bundle.timestamps = {stamped(one, first.timestamp_root), stamped(one, second.timestamp_root)};
  CHECK(trust.times_of(bundle).size() == 2);
  CHECK_FALSE(seen_by(trust.times_of(bundle)));
}
