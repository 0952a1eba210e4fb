// The entry of a bundle: the body of a Rekor v2 entry, to the byte.
#include "claims/log/bundle_entry.h"

#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "claims/log/signer_entries.h"
#include "sign/bundle/envelope.h"
#include "sign/keyless/log_body.h"
#include "sign/seal.h"
#include "tests/unit/log/made_log.h"
#include "tests/unit/sign/made_certificates.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::claims {

namespace {

sign::Bundle signed_bundle(std::string_view key) {
  const auto text = sign::bundle_for("{\"a\":1}", sign::test::private_key(key), {});
  sign::Findings findings;
  const auto bundle = sign::parse_bundle(*text, findings);
  REQUIRE((bundle && *bundle));
  return **bundle;
}

sign::KeyPointer p384_key() {
  const std::string pem = wmk::test::content_of(sign::test::oms_vector("p384.key.pem"));
  BIO* const bytes = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  sign::KeyPointer out(PEM_read_bio_PrivateKey(bytes, nullptr, nullptr, nullptr));
  BIO_free(bytes);
  REQUIRE(out);
  return out;
}

}  // namespace

TEST_CASE("the entry of a bundle is a hashedrekord of Rekor v2", "[log]") {
  const sign::Bundle bundle = signed_bundle("p256");
  const sign::PublicKey key = sign::test::public_key("p256");
  sign::Findings findings;
  const auto entry = bundle_entry(bundle, &key, findings);
  REQUIRE(entry);
  const std::string message = sign::pre_authentication(sign::kPayloadType, bundle.payload);
  CHECK(*entry ==
        cat(R"({"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":)",
            R"({"algorithm":"SHA2_256","digest":")",
            crypto::to_base64(sign::digest_for_key(key, as_bytes(message))),
            R"("},"signature":{"content":")", crypto::to_base64(bundle.signature),
            R"(","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":")",
            crypto::to_base64(key.der()), R"("}}}}}})"));
  CHECK(entry->find(crypto::to_base64(as_bytes(bundle.payload))) == std::string::npos);
}

TEST_CASE("a bundle is not logged with another key, or with none", "[log]") {
  const sign::Bundle bundle = signed_bundle("p256");
  const sign::PublicKey other = sign::test::public_key("p384");
  sign::Findings findings;
  CHECK_FALSE(bundle_entry(bundle, nullptr, findings));
  CHECK_FALSE(bundle_entry(bundle, &other, findings));
  sign::Bundle changed = bundle;
  changed.payload = "{\"a\":2}";
  const sign::PublicKey key = sign::test::public_key("p256");
  CHECK_FALSE(bundle_entry(changed, &key, findings));
  REQUIRE(findings.reasons.size() == 3);
  CHECK(findings.reasons[0].code == sign::Code::key_hint);
  CHECK(findings.reasons[1].code == sign::Code::key_hint);
  CHECK(findings.reasons[2].code == sign::Code::signature_invalid);
}

TEST_CASE("the entries of a signer are counted, and nobody else's", "[log]") {
  const test::MadeLog log;
  std::vector<std::string> entries = {"something else"};
  for (const char* name : {"p256", "p384", "p256"}) {
    const sign::PublicKey key = sign::test::public_key(name);
    sign::Findings findings;
    entries.push_back(*bundle_entry(signed_bundle(name), &key, findings));
  }
  const sign::PublicKey p256 = sign::test::public_key("p256"),
                        p384 = sign::test::public_key("p384");
  // An entry that names another's key, with a signature that this key did not make, and one that is
  // not canonical.
  const sign::Bundle other = signed_bundle("p384");
  entries.push_back(sign::hashedrekord_body({p256, {}, Bytes(32), other.signature}));
  entries.push_back(entries[1] + " ");
  REQUIRE(log.append(entries));
  const TileStore store = log.store();
  CHECK(*signer_entries(store, entries.size(), p256) == std::vector<uint64_t>{1, 3});
  CHECK(*signer_entries(store, entries.size(), p384) == std::vector<uint64_t>{2});
  for (size_t at = 0; at < entries[2].size(); ++at) {
    std::string changed = entries[2];
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(is_entry_by(changed, p384));
  }
}

// 120 bytes of a key have base64 without padding, which that of a certificate may contain.
TEST_CASE("an entry with a certificate is counted, wherever its key lies in the base64", "[log]") {
  const sign::PublicKey key = sign::test::public_key("p384");
  const sign::Bundle bundle = signed_bundle("p384");
  const Bytes digest = sign::digest_for_key(
      key, as_bytes(sign::pre_authentication(sign::kPayloadType, bundle.payload)));
  size_t contained = 0;
  for (const char* name : {"a", "ab", "abc"}) {
    const Bytes certificate =
        sign::test::make_certificate(name, p384_key(), nullptr, sign::test::Use::code_signing)
            .der();
    const std::string entry = sign::hashedrekord_body({key, certificate, digest, bundle.signature});
    contained += entry.find(crypto::to_base64(key.der())) == entry.npos ? 0 : 1;
    CAPTURE(name);
    CHECK(is_entry_by(entry, key));
  }
  CHECK(contained == 1);
}

}  // namespace wmk::claims
