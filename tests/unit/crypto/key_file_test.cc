// Key files: writing, reading back, and each kind of wrong file.
#include "crypto/key_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/text.h"
#include "crypto/encoding.h"
#include "crypto/sealed_key.h"
#include "tests/unit/crypto/passphrases.h"
#include "tests/unit/scratch.h"

namespace wmk::crypto {
namespace {

namespace fs = std::filesystem;
using test::answer;
using test::passphrase_of;
using test::Scratch;

fs::path key_file(const Scratch& folder, std::string_view text, mode_t mode = 0600) {
  const fs::path path = folder.put("owner.key", text);
  ::chmod(path.c_str(), mode);
  return path;
}

const std::string kHead = "weightmark secret key, version 1\n";
// Bytes 0..31.
const std::string kKeyHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const std::string kBody = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

std::string error_of(std::string_view text) {
  const Scratch folder;
  const auto read = read_key_file(key_file(folder, text), nullptr);
  REQUIRE_FALSE(read);
  return read.error().message();
}

std::string sealed_text(const SecretBytes& key, std::string_view passphrase) {
  const auto sealed = seal_key(key, passphrase_of(passphrase), SealCost{1, 8192});
  REQUIRE(sealed);
  return cat(kHead, to_base64(*sealed), "\n");
}

}  // namespace

TEST_CASE("a key file holds its two lines and comes back as it was", "[crypto]") {
  const Scratch folder;
  const auto read = read_key_file(key_file(folder, kHead + kBody), nullptr);
  REQUIRE(read);
  CHECK(to_hex(read->key.reveal()) == kKeyHex);
  CHECK_FALSE(read->sealed);
  REQUIRE(write_key_file(folder / "copy.key", read->key, nullptr));
  const auto text = read_text(folder / "copy.key", 4096);
  REQUIRE(text);
  CHECK(*text == kHead + kBody);
}

TEST_CASE("a new key file is readable by its owner only", "[crypto]") {
  const Scratch folder;
  REQUIRE(write_key_file(folder / "new.key", SecretBytes::random(kKeyBytes), nullptr));
  struct stat info;
  REQUIRE(::stat((folder / "new.key").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const auto read = read_key_file(folder / "new.key", nullptr);
  REQUIRE(read);
  CHECK_FALSE(read->readable_by_others);
}

TEST_CASE("a key file that others can read is reported", "[crypto]") {
  const Scratch folder;
  for (mode_t mode : {0644, 0640, 0604, 0620}) {
    const auto read = read_key_file(key_file(folder, kHead + kBody, mode), nullptr);
    REQUIRE(read);
    CHECK(read->readable_by_others);
  }
}

TEST_CASE("an existing key file is never overwritten", "[crypto]") {
  const Scratch folder;
  const fs::path path = key_file(folder, kHead + kBody);
  const auto refused = write_key_file(path, SecretBytes::random(kKeyBytes), nullptr);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint().find("--force") == std::string::npos);
  CHECK(*read_text(path, 4096) == kHead + kBody);
}

TEST_CASE("a key sealed at the default cost opens only with its passphrase", "[crypto]") {
  const Scratch folder;
  const SecretBytes key = SecretBytes::random(kKeyBytes);
  const SecretBytes passphrase = passphrase_of("correct horse");
  REQUIRE(write_key_file(folder / "sealed.key", key, &passphrase));
  const auto text = read_text(folder / "sealed.key", 4096);
  REQUIRE((text && text->size() == kHead.size() + 152 + 1));
  const auto seal = from_base64(std::string_view(*text).substr(kHead.size(), 152));
  REQUIRE(seal);
  CHECK(load_le<uint64_t>(seal->data() + 8) == 3);
  CHECK(load_le<uint64_t>(seal->data() + 16) == 256ull << 20);
  const auto read = read_key_file(folder / "sealed.key", answer("correct horse"));
  REQUIRE(read);
  CHECK(read->sealed);
  CHECK(read->key.equals(key));
  const auto refused = read_key_file(folder / "sealed.key", answer("wrong"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::crypto);
  CHECK(refused.error().message() == "sealed.key: wrong passphrase, or the sealed key was changed");
}

TEST_CASE("the key files of specs/key-file.md hold the bytes 0 to 31", "[crypto][vectors]") {
  const fs::path examples = WMK_SOURCE_DIR "/tests/vectors/key";
  const auto plain = read_key_file(examples / "plain.key", nullptr);
  REQUIRE(plain);
  CHECK(to_hex(plain->key.reveal()) == kKeyHex);
  const auto sealed =
      read_key_file(examples / "sealed.key", answer("correct horse battery staple"));
  REQUIRE(sealed);
  CHECK(sealed->sealed);
  CHECK(sealed->key.equals(plain->key));
}

TEST_CASE("an empty passphrase is refused", "[crypto]") {
  const Scratch folder;
  const SecretBytes empty = SecretBytes::zeros(0);
  const auto refused = write_key_file(folder / "new.key", SecretBytes::random(kKeyBytes), &empty);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::invalid_argument);
  CHECK_FALSE(fs::exists(folder / "new.key"));
}

TEST_CASE("the passphrase is requested only if the key is sealed", "[crypto]") {
  const Scratch folder;
  int asked = 0;
  const PassphraseSource counting = [&asked] {
    ++asked;
    return Result<SecretBytes>(passphrase_of("open"));
  };
  REQUIRE(read_key_file(key_file(folder, kHead + kBody), counting));
  CHECK(asked == 0);
  const std::string sealed = sealed_text(SecretBytes::random(kKeyBytes), "open");
  REQUIRE(read_key_file(key_file(folder, sealed), counting));
  CHECK(asked == 1);
  const auto unasked = read_key_file(key_file(folder, sealed), nullptr);
  REQUIRE_FALSE(unasked);
  CHECK(unasked.error().message() == "owner.key: the key is sealed, but no passphrase was given");
}

TEST_CASE("an error of the passphrase source is passed on", "[crypto]") {
  const Scratch folder;
  const PassphraseSource silent = [] {
    return Result<SecretBytes>(Error(ErrorCode::io, "no terminal to ask on"));
  };
  const auto refused =
      read_key_file(key_file(folder, sealed_text(SecretBytes::random(kKeyBytes), "open")), silent);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "owner.key: no terminal to ask on");
}

TEST_CASE("each kind of wrong file is named for what it is", "[crypto]") {
  CHECK(error_of("") == "owner.key: not a weightmark key file");
  CHECK(error_of("hello\n") == "owner.key: not a weightmark key file");
  CHECK(error_of(std::string(5000, 'x')) == "owner.key: not a weightmark key file");
  CHECK(error_of("\xef\xbb\xbf" + kHead + kBody) == "owner.key: not a weightmark key file");
  const std::string pem = "owner.key: this is a PEM private key for signing, not a mark key";
  CHECK(error_of("-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n") == pem);
  CHECK(error_of("-----BEGIN EC PRIVATE KEY-----\n" + std::string(6000, 'A')) == pem);
  CHECK(error_of("-----BEGIN CERTIFICATE-----\n") ==
        "owner.key: this is a PEM file, not a mark key");
  CHECK(error_of("weightmark secret key, version 2\nAAAA\n") ==
        "owner.key: key file version 2 is not supported; this program reads version 1");
  CHECK(error_of("weightmark secret key, version \x1b[2J\nAAAA\n") ==
        "owner.key: unknown key file version; this program reads version 1");
  CHECK(error_of(kHead + to_base64(as_bytes("wmkseal2" + std::string(104, 'x'))) + "\n") ==
        "owner.key: unknown version of the sealed form; this program opens version 1");
}

TEST_CASE("each damage of a key file is named", "[crypto]") {
  const std::string front = "owner.key: damaged key file: ";
  CHECK(error_of("weightmark secret key, version 1") == front + "line 2 is missing");
  CHECK(error_of(kHead) == front + "line 2 is missing");
  CHECK(error_of(kHead + "\n") == front + "line 2 is missing");
  CHECK(error_of(kHead + kBody.substr(0, 44)) == front + "line 2 has no newline at its end");
  CHECK(error_of(kHead + kBody + "\n") == front + "there is more text after line 2");
  CHECK(error_of(kHead + kBody + std::string(5000, '\n')) ==
        front + "there is more text after line 2");
  CHECK(error_of("weightmark secret key, version 1\r\n" + kBody.substr(0, 44) + "\r\n") ==
        front + "lines end with a carriage return");
  CHECK(error_of(kHead + " " + kBody) == front + "line 2 is not base64");
  CHECK(error_of(kHead + kBody.substr(0, 43) + "\n") == front + "line 2 is not base64");
  CHECK(error_of(kHead + "AAEC!wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n") ==
        front + "line 2 is not base64");
  CHECK(error_of(kHead + "AAECAw==\n") == front + "line 2 holds 4 bytes instead of 32");
  CHECK(error_of(kHead + to_base64(Bytes(33)) + "\n") ==
        front + "line 2 holds 33 bytes instead of 32");
  CHECK(error_of(kHead + to_base64(as_bytes("wmkseal1")) + "\n") ==
        "owner.key: damaged: the sealed key has 8 bytes instead of 112");
}

TEST_CASE("no error repeats any part of line 2", "[crypto]") {
  CHECK(error_of(kHead + "SECRETSECRET!\n").find("SECRET") == std::string::npos);
}

TEST_CASE("a missing key file and a folder are errors that name the path once", "[crypto]") {
  const Scratch folder;
  const auto missing = read_key_file(folder / "none.key", nullptr);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == ErrorCode::io);
  const std::string& message = missing.error().message();
  CHECK(message.find("none.key") == message.rfind("none.key"));
  CHECK_FALSE(read_key_file(folder / ".", nullptr));
}

// python3: "wm1" + b32encode(blake2b(b"weightmark/ctss-v1/fingerprint", key=bytes(range(32)),
// digest_size=32).digest()[:20]).decode().lower()
TEST_CASE("the fingerprint of a key is wm1 and 32 characters", "[crypto]") {
  const Scratch folder;
  const auto read = read_key_file(key_file(folder, kHead + kBody), nullptr);
  REQUIRE(read);
  CHECK(fingerprint(read->key) == "wm1vems6kzna5zvqerf3kjugagvhluah247");
  CHECK(fingerprint(SecretBytes::zeros(kKeyBytes)) != fingerprint(read->key));
}

}  // namespace wmk::crypto
