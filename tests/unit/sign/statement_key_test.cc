// The release statement under an Ed25519 key.
#include "sign/keys/statement_key.h"

#include "sign/release/release_statement.h"
#include "tests/unit/sign/seal_of.h"

namespace wmk::sign {
namespace {

using namespace test;

std::filesystem::path minisign_file(std::string_view name) {
  return std::filesystem::path(WMK_SOURCE_DIR) / "tests/vectors/minisign" / name;
}

crypto::Ed25519SecretKey statement_key() {
  auto key = crypto::Ed25519SecretKey::read(minisign_file("open.key"), nullptr);
  REQUIRE(key);
  return std::move(*key);
}

std::string small_release() {
  ReleaseStatement release;
  release.subject = "simple";
  release.root = *from_hex(kRoot);
  release.manifest =
      strict_digest({{"signme-1", *from_hex(kDigest1)}, {"signme-2", *from_hex(kDigest2)}});
  return release_text(release);
}

// The answer for a model signed by ECDSA, with this release statement; `key` may be null.
std::string answer_under(const crypto::Ed25519PublicKey* key, std::string_view statement,
                         std::string_view why = "") {
  const SignedModel model;
  VerifyRequest request = model.request;
  model.scratch.put("simple.sig", signed_bundle(good_payload()));
  request.release = model.scratch.put("it.sigstore.jsonl", statement);
  request.release_key = key;
  const auto verification = verify_model(request);
  REQUIRE(verification);
  CHECK(verification->release.has_value() == verification->good());
  if (!why.empty()) {
    CHECK(verification->findings.reasons.front().text.find(why) != std::string::npos);
  }
  if (verification->good()) CHECK_FALSE(verification->release_key_hint.empty());
  return SignedModel::codes(*verification);
}

}  // namespace

TEST_CASE("a release statement by Ed25519 needs the key that the user named", "[sign][bad-input]") {
  const crypto::Ed25519SecretKey secret = statement_key();
  const crypto::Ed25519PublicKey key = secret.public_key();
  const std::string good = statement_bundle(small_release(), secret);
  CHECK(answer_under(&key, good) == "good");
  // Without a key for it, the bundle's key must have signed it.
  CHECK(answer_under(nullptr, good, "key_hint") == "own_statement");
  // A statement signed by the bundle's key verifies, unless the user named another key.
  const std::string by_seal = signed_bundle(small_release());
  CHECK(answer_under(nullptr, by_seal) == "good");
  CHECK(answer_under(&key, by_seal, "key_hint") == "own_statement");
  CHECK(answer_under(&key, replaced(by_seal, public_key().hint(), statement_hint(key)),
                     "signature_invalid") == "own_statement");
}

TEST_CASE("a release statement by another Ed25519 key, or changed, is refused",
          "[sign][bad-input]") {
  const crypto::Ed25519SecretKey secret = statement_key();
  const crypto::Ed25519PublicKey key = secret.public_key();
  // The base point, whose secret key nobody has.
  Bytes bytes(key.bytes().begin(), key.bytes().end());
  std::fill(bytes.begin() + 10, bytes.end(), std::byte{0x66});
  bytes[10] = std::byte{0x58};
  const auto other = crypto::Ed25519PublicKey::from_text(crypto::to_base64(bytes));
  REQUIRE(other);
  const std::string good = statement_bundle(small_release(), secret);
  CHECK(answer_under(&*other, good, "key_hint") == "own_statement");
  CHECK(answer_under(&*other, replaced(good, statement_hint(key), statement_hint(*other)),
                     "signature_invalid") == "own_statement");
  const std::string changed = replaced(small_release(), "\"simple\"", "\"sample\"");
  CHECK(answer_under(&key,
                     replaced(good, crypto::to_base64(as_bytes(small_release())),
                              crypto::to_base64(as_bytes(changed))),
                     "signature_invalid") == "own_statement");
  // Signed over the payload without its type.
  Bundle bare;
  bare.payload = small_release();
  bare.hint = statement_hint(key);
  bare.signature = secret.sign(as_bytes(bare.payload));
  CHECK(answer_under(&key, bundle_text(bare), "signature_invalid") == "own_statement");
  // Signed, but for other files; then without the key's hint.
  const std::string elsewhere =
      replaced(small_release(), kRoot, std::string_view(std::string(64, '0')));
  CHECK(answer_under(&key, statement_bundle(elsewhere, secret), "another manifest") ==
        "own_statement");
  CHECK(answer_under(&key, replaced(good, statement_hint(key), ""), "key_hint") == "own_statement");
}

TEST_CASE("an OMS bundle is never signed by Ed25519", "[sign][bad-input]") {
  const crypto::Ed25519SecretKey secret = statement_key();
  const crypto::Ed25519PublicKey key = secret.public_key();
  SignedModel model;
  model.request.release = model.scratch.put("it.jsonl", statement_bundle(small_release(), secret));
  model.request.release_key = &key;
  const std::string bundle = statement_bundle(good_payload(), secret);
  CHECK(model.answer(bundle) == "key_hint");
  CHECK(model.answer(replaced(bundle, statement_hint(key), public_key().hint())) ==
        "signature_invalid");
  CHECK(model.answer(signed_bundle(good_payload())) == "good");
}

}  // namespace wmk::sign
