// Keys, and signatures as numbers.
#include "sign/keys/key.h"

#include "base/file.h"
#include "tests/unit/sign/sign_kit.h"

namespace wmk::sign {
namespace {

using namespace test;

crypto::PassphraseSource saying(std::string text) {
  return [text]() -> Result<crypto::SecretBytes> {
    Bytes bytes(as_bytes(text).begin(), as_bytes(text).end());
    return crypto::SecretBytes::take(bytes);
  };
}

// Two numbers as DER; `r` and `s` in hexadecimal, at most 127 bytes with their heads.
Bytes numbers(const std::string& r, const std::string& s) {
  const auto integer = [](const std::string& hex) {
    const Bytes length = {std::byte(hex.size() / 2)};
    return "02" + to_hex(length) + hex;
  };
  const std::string body = integer(r) + integer(s);
  const Bytes length = {std::byte(body.size() / 2)};
  return *from_hex("30" + to_hex(length) + body);
}

}  // namespace

TEST_CASE("each curve signs with its own digest and verifies", "[sign]") {
  for (const char* name : {"p256", "p384", "p521"}) {
    const SignedModel model;
    SignedModel asked;
    const PublicKey key = public_key(name);
    asked.request.key = &key;
    CHECK(asked.answer(signed_bundle(good_payload(), private_key(name))) == "good");
    CHECK(key.equals(private_key(name).public_key()));
    CHECK(key.hint() == private_key(name).public_key().hint());
  }
  CHECK(public_key("p521").curve() == "P-521");
}

TEST_CASE("a signature by another key is refused", "[sign]") {
  SignedModel model;
  const std::string bundle = signed_bundle(good_payload(), private_key("leaf"));
  CHECK(model.answer(bundle) == "key_hint");
  const std::string hint = private_key("leaf").public_key().hint();
  CHECK(model.answer(replaced(bundle, hint, public_key().hint())) == "signature_invalid");
}

TEST_CASE("keys of other kinds are refused", "[sign][bad-input]") {
  for (const char* name : {"rsa", "ed25519", "secp256k1", "brainpool"}) {
    const auto key = PublicKey::read(oms_vector(cat(name, ".pub.pem")));
    REQUIRE_FALSE(key);
    CHECK(key.error().code() == ErrorCode::unsupported);
  }
  const auto secret = PublicKey::read(oms_vector("p256.key.pem"));
  REQUIRE_FALSE(secret);
  CHECK(secret.error().hint().find("private key") != std::string::npos);
  CHECK_FALSE(PublicKey::from_pem("", "x"));
  CHECK_FALSE(
      PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "x"));
}

TEST_CASE("P-384 with SHA-256 does not verify", "[sign]") {
  const Bytes message = {std::byte{1}, std::byte{2}};
  const PrivateKey key = private_key("p384");
  const auto signature = key.sign(message);
  REQUIRE(signature);
  CHECK(key.public_key().verifies(message, *signature));
  CHECK_FALSE(key.public_key().verifies(message, *signature, SignatureDigest::sha256));
}

TEST_CASE("a signature has only one valid encoding", "[sign][bad-input]") {
  const Bytes message = {std::byte{1}};
  const PrivateKey key = private_key();
  const auto signature = key.sign(message);
  REQUIRE(signature);
  const auto with = [&](Bytes bytes) { return key.public_key().verifies(message, bytes); };
  CHECK(with(*signature));
  Bytes longer = *signature;
  longer.push_back(std::byte{0});
  CHECK_FALSE(with(longer));
  // The length in two bytes where one does.
  Bytes wide = *signature;
  wide.insert(wide.begin() + 1, std::byte{0x81});
  CHECK_FALSE(with(wide));
  Bytes shorter(signature->begin(), signature->end() - 1);
  CHECK_FALSE(with(shorter));
  CHECK_FALSE(with({}));
  CHECK_FALSE(with(numbers("00", "01")));
  CHECK_FALSE(with(numbers("01", "00")));
  CHECK_FALSE(with(Bytes(64)));  // two plain numbers, as other formats have it
}

TEST_CASE("an encrypted key opens with its passphrase only", "[sign]") {
  const auto path = oms_vector("sealed.key.pem");
  const auto key = PrivateKey::read(path, saying("correct horse"));
  REQUIRE(key);
  CHECK(key->public_key().equals(public_key()));
  const auto wrong = PrivateKey::read(path, saying("battery staple"));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code() == ErrorCode::crypto);
  CHECK_FALSE(PrivateKey::read(path, nullptr));
  const auto none = PrivateKey::read(oms_vector("p256.pub.pem"), nullptr);
  REQUIRE_FALSE(none);
  CHECK(none.error().message().find("no PEM private key") != std::string::npos);
}

}  // namespace wmk::sign
