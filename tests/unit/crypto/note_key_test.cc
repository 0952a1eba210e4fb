// Keys of logs and witnesses: the examples of C2SP, and what is refused.
#include "crypto/note_key.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/encoding.h"
#include "crypto/note_signer.h"
#include "tests/unit/scratch.h"

namespace wmk::crypto {

namespace {

// The example of signed-note.
const std::string kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string kExampleNote =
    "This is an example message.\n\n\xE2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";
constexpr uint64_t kTime = 1679315147;

NoteSigner numbered_signer(std::string_view name, int number) {
  Bytes seed(32, static_cast<std::byte>(number));
  auto out = NoteSigner::from_seed(name, seed);
  REQUIRE(out);
  return std::move(*out);
}

SignedNote signed_note(std::string text, std::vector<NoteSignature> signatures) {
  return {std::move(text), std::move(signatures)};
}

}  // namespace

TEST_CASE("the example of signed-note verifies, and no changed byte of it", "[crypto]") {
  const auto key = NoteVerifier::parse(kExampleKey);
  REQUIRE(key);
  CHECK(key->vkey() == kExampleKey);
  CHECK(key->answer(*parse_note(kExampleNote)).state == NoteSigned::valid);
  for (size_t at = 0; at < kExampleNote.size(); ++at) {
    std::string changed = kExampleNote;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto note = parse_note(changed);
    CAPTURE(at);
    CHECK((!note || key->answer(*note).state != NoteSigned::valid));
  }
}

TEST_CASE("a signature by an unknown key is ignored, a wrong one by a known key is not",
          "[crypto]") {
  const NoteSigner known = numbered_signer("a", 1), other = numbered_signer("a", 2);
  const NoteVerifier key = known.verifier(NoteKeyType::ed25519);
  const NoteSignature good = known.sign("text\n"), strange = other.sign("text\n");
  NoteSignature forged = strange;
  forged.id = key.id();
  CHECK(key.answer(signed_note("text\n", {strange})).state == NoteSigned::absent);
  CHECK(key.answer(signed_note("text\n", {strange, good})).state == NoteSigned::valid);
  CHECK(key.answer(signed_note("text\n", {good, forged})).state == NoteSigned::invalid);
  CHECK(key.answer(signed_note("else\n", {good})).state == NoteSigned::invalid);
}

TEST_CASE("a cosignature covers its time and is not a log's signature", "[crypto]") {
  const NoteSigner signer = numbered_signer("witness.example/w1", 3);
  const NoteVerifier witness = signer.verifier(NoteKeyType::cosignature);
  const NoteVerifier log = signer.verifier(NoteKeyType::ed25519);
  CHECK(witness.id() != log.id());
  const NoteSignature good = signer.cosign("text\n", kTime);
  CHECK(to_hex(ByteView(good.bytes).first(8)) == "00000000641850cb");
  const NoteAnswer answer = witness.answer(signed_note("text\n", {good}));
  CHECK(answer.state == NoteSigned::valid);
  CHECK(answer.time == kTime);
  CHECK(log.answer(signed_note("text\n", {good})).state == NoteSigned::absent);
  NoteSignature later = good;
  later.bytes[7] ^= std::byte{1};
  CHECK(witness.answer(signed_note("text\n", {later})).state == NoteSigned::invalid);
  const auto earlier = signer.cosign("text\n", kTime - 5);
  CHECK(witness.answer(signed_note("text\n", {good, earlier})).time == kTime - 5);
}

TEST_CASE("a cosignature of a time beyond 63 bits is refused", "[crypto][bad-input]") {
  const NoteSigner signer = numbered_signer("w", 3);
  const auto note = signed_note("text\n", {signer.cosign("text\n", 1ull << 63)});
  CHECK(signer.verifier(NoteKeyType::cosignature).answer(note).state == NoteSigned::invalid);
}

TEST_CASE("a key of ML-DSA is recognised and its signatures are ignored", "[crypto]") {
  Bytes typed(1 + 1312, std::byte{6});
  // The id, computed with Python's hashlib.
  const auto key = NoteVerifier::parse(cat("w+111e3bf3+", to_base64(typed)));
  REQUIRE(key);
  CHECK(key->type() == NoteKeyType::ml_dsa_cosignature);
  CHECK(key->answer(signed_note("t\n", {{"w", key->id(), Bytes(2428)}})).state ==
        NoteSigned::absent);
}

TEST_CASE("a malformed verifier key is refused", "[crypto][bad-input]") {
  const std::string point = kExampleKey.substr(25);
  for (const std::string& text : std::vector<std::string>{
           "", "a", "a+b", "example.com/foo+530d903a", "example.com/fo+530d903a+" + point,
           "example.com/foo+530d903b+" + point, "example.com/foo+530D903A+" + point,
           kExampleKey + "\n", kExampleKey.substr(0, kExampleKey.size() - 4), "+530d903a+" + point,
           "example.com/foo+530d903a+Aw==", "PRIVATE+KEY+" + kExampleKey}) {
    CAPTURE(text);
    CHECK_FALSE(NoteVerifier::parse(text));
  }
}

TEST_CASE("a secret key is read as Go's note package writes it", "[crypto]") {
  // The key pair of the documentation of golang.org/x/mod/sumdb/note.
  const std::string file =
      "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  const auto signer = NoteSigner::parse(file + "\n");
  REQUIRE(signer);
  CHECK(signer->verifier(NoteKeyType::ed25519).vkey() ==
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  CHECK(as_text(signer->file_content().reveal()) == file + "\n");
}

TEST_CASE("a malformed secret key is refused", "[crypto][bad-input]") {
  const std::string good(as_text(numbered_signer("a", 1).file_content().reveal()));
  REQUIRE(NoteSigner::parse(good));
  for (size_t at = 0; at + 1 < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(changed);
    CHECK_FALSE(NoteSigner::parse(changed));
    CHECK_FALSE(NoteSigner::parse(good.substr(0, at)));
  }
  CHECK_FALSE(NoteSigner::generate("a b"));
  test::Scratch scratch;
  const auto missing = NoteSigner::read(scratch / "no.key");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == ErrorCode::io);
}

}  // namespace wmk::crypto
