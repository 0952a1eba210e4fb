// minisign keys: minisign itself made the files in tests/vectors/minisign.
#include "crypto/minisign.h"

#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/text.h"
#include "crypto/encoding.h"
#include "tests/unit/crypto/passphrases.h"
#include "tests/unit/scratch.h"

namespace wmk::crypto {
namespace {

std::filesystem::path minisign_vector(std::string_view name) {
  return std::filesystem::path(WMK_SOURCE_DIR) / "tests/vectors/minisign" / name;
}

std::string line_of(std::string_view name, size_t number) {
  std::string text = wmk::test::content_of(minisign_vector(name));
  for (; number > 0; --number) text.erase(0, text.find('\n') + 1);
  return text.substr(0, text.find('\n'));
}

// Reads a secret key file with these bytes.
Result<Ed25519SecretKey> key_of_bytes(const Bytes& content,
                                      const PassphraseSource& words = nullptr) {
  const wmk::test::Scratch scratch;
  return Ed25519SecretKey::read(scratch.put("it.key", to_base64(content)), words);
}

Bytes bytes_of(std::string_view name) { return *from_base64(line_of(name, 1)); }

}  // namespace

TEST_CASE("a signature that minisign made verifies, and nothing else does", "[crypto]") {
  const auto key = Ed25519PublicKey::read(minisign_vector("key.pub"));
  REQUIRE(key);
  std::string message = wmk::test::content_of(minisign_vector("message"));
  const Bytes expected = bytes_of("message.minisig");  // "Ed", id, signature
  Bytes signature(expected.begin() + 10, expected.end());
  CHECK(std::ranges::equal(ByteView(expected).first(10), key->bytes().first(10)));
  CHECK(key->verifies(as_bytes(message), signature));
  message[0] ^= 1;
  CHECK_FALSE(key->verifies(as_bytes(message), signature));
  message[0] ^= 1;
  CHECK_FALSE(key->verifies(as_bytes(message), ByteView(signature).first(63)));
  CHECK_FALSE(key->verifies(as_bytes(message), {}));
  // The second half is a number below the order of the group. Adding the order gives a
  // non-canonical encoding of the same number.
  const Bytes order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
    signature[32 + i] = std::byte(carry & 0xFF);
    carry >>= 8;
  }
  CHECK_FALSE(key->verifies(as_bytes(message), signature));
}

TEST_CASE("a minisign key gives the signatures of minisign", "[crypto]") {
  const auto open = Ed25519SecretKey::read(minisign_vector("open.key"), nullptr);
  const auto sealed =
      Ed25519SecretKey::read(minisign_vector("sealed.key"), wmk::test::answer("correct horse"));
  REQUIRE(open);
  REQUIRE(sealed);
  const std::string message = wmk::test::content_of(minisign_vector("message"));
  const Bytes expected = bytes_of("message.minisig");
  for (const Ed25519SecretKey* key : {&*open, &*sealed}) {
    CHECK(key->sign(as_bytes(message)) == Bytes(expected.begin() + 10, expected.end()));
    CHECK(to_base64(key->public_key().bytes()) == line_of("key.pub", 1));
  }
}

TEST_CASE("a public key is accepted with or without its comment", "[crypto][bad-input]") {
  const std::string line = line_of("key.pub", 1);
  CHECK(Ed25519PublicKey::from_text(line));
  CHECK(Ed25519PublicKey::from_text(line + "\r\n"));
  CHECK(Ed25519PublicKey::from_text(cat("untrusted comment: mine\r\n", line, "\n")));
  Bytes other_kind = *from_base64(line), no_point = other_kind, small_order = other_kind;
  other_kind[1] = std::byte{'D'};
  std::fill(no_point.begin() + 10, no_point.end(), std::byte{0xFF});
  std::fill(small_order.begin() + 10, small_order.end(), std::byte{0});
  for (const std::string& bad :
       {std::string(), std::string("untrusted comment: mine"), line + "\n" + line, line + "=",
        line.substr(4), line_of("open.key", 1), std::string("-----BEGIN PUBLIC KEY-----"),
        to_base64(other_kind), to_base64(no_point), to_base64(small_order)}) {
    INFO(bad);
    CHECK_FALSE(Ed25519PublicKey::from_text(bad));
  }
}

TEST_CASE("a minisign secret key opens only with its passphrase", "[crypto][bad-input]") {
  const auto path = minisign_vector("sealed.key");
  const auto wrong = Ed25519SecretKey::read(path, wmk::test::answer("battery staple"));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code() == ErrorCode::crypto);
  CHECK(wrong.error().message().find("wrong passphrase") != std::string::npos);
  CHECK_FALSE(Ed25519SecretKey::read(path, nullptr));
  const auto shared = Ed25519SecretKey::read(minisign_vector("key.pub"), nullptr);
  REQUIRE_FALSE(shared);
  CHECK(shared.error().message().find("this is the public key") != std::string::npos);
}

TEST_CASE("a changed minisign secret key is refused", "[crypto][bad-input]") {
  const Bytes good = bytes_of("open.key");
  REQUIRE(key_of_bytes(good));
  for (const size_t at : {0, 2, 4, 62, 93, 94, 125}) {
    INFO(at);
    Bytes bad = good;
    bad[at] ^= std::byte{1};
    CHECK_FALSE(key_of_bytes(bad));
  }
  CHECK_FALSE(key_of_bytes({}));
  CHECK_FALSE(key_of_bytes(Bytes(good.begin(), good.end() - 1)));
  // In an encrypted key the checksum covers everything, including the id.
  Bytes sealed = bytes_of("sealed.key");
  REQUIRE(key_of_bytes(sealed, wmk::test::answer("correct horse")));
  for (const size_t at : {6, 54, 62, 157}) {
    sealed[at] ^= std::byte{1};
    CHECK_FALSE(key_of_bytes(sealed, wmk::test::answer("correct horse")));
    sealed[at] ^= std::byte{1};
  }
}

TEST_CASE("the cost that a minisign key may ask for is limited", "[crypto][bad-input]") {
  for (const auto& [at, value] : std::vector<std::pair<size_t, uint64_t>>{
           {38, 0}, {38, (1 << 25) + 1}, {38, UINT64_MAX}, {46, 0}, {46, (1 << 30) + 1}}) {
    Bytes sealed = bytes_of("sealed.key");
    store_le(sealed.data() + at, value);
    // Refused before the passphrase is requested.
    const auto key = key_of_bytes(sealed, []() -> Result<SecretBytes> {
      FAIL("asked for a passphrase");
      return Error(ErrorCode::crypto, "");
    });
    REQUIRE_FALSE(key);
    CHECK(key.error().code() == ErrorCode::limit_exceeded);
  }
}

}  // namespace wmk::crypto
