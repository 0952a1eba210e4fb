#include "crypto/minisign.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/encoding.h"
#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr uint64_t kMinisignFileBytesMax = 4096;
constexpr std::string_view kComment = "untrusted comment:";
constexpr std::string_view kEd25519 = "Ed", kScrypt = "Sc", kBlake2b = "B2";
constexpr size_t kPointAt = 2 + 8;
// Layout of a secret key: three algorithm names, parameters of scrypt, the encrypted part.
constexpr size_t kScryptSaltAt = 6;
constexpr size_t kScryptOpslimitAt = kScryptSaltAt + 32;
constexpr size_t kScryptMemlimitAt = kScryptOpslimitAt + 8;
constexpr size_t kHiddenAt = kScryptMemlimitAt + 8;
constexpr size_t kPairAt = kHiddenAt + 8;
constexpr size_t kChecksumAt = kPairAt + 64;
constexpr size_t kContentBytes = kChecksumAt + 32;
constexpr size_t kHiddenBytes = kContentBytes - kHiddenAt;
// The file states its own cost. Limits: the least that libsodium accepts, the most of minisign.
constexpr uint64_t kOpslimitMin = 1 << 15, kOpslimitMax = 1 << 25;
constexpr uint64_t kMemlimitMin = 1 << 24, kMemlimitMax = 1 << 30;

Error bad_minisign_key(std::string_view what) {
  return Error(ErrorCode::malformed, cat("not a valid minisign key: ", what))
      .with_hint("minisign -G makes a key pair");
}

// The line of base64, which may follow a comment line.
Result<std::string_view> key_line(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with(kComment)) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad_minisign_key("line 2 is missing");
    text = trimmed(text.substr(end));
  }
  if (text.empty() || text.find_first_of("\r\n\t ") != std::string_view::npos) {
    return bad_minisign_key("expected a single line of base64 after the comment");
  }
  return text;
}

std::string_view text_at(ByteView bytes, size_t at) { return as_text(bytes.subspan(at, 2)); }

Status checked_content(ByteView content) {
  if (content.size() == Ed25519PublicKey::kBytes) return bad_minisign_key("this is the public key");
  if (content.size() != kContentBytes) {
    return bad_minisign_key(
        cat("a secret key has ", kContentBytes, " bytes, not ", content.size()));
  }
  const bool open = load_le<uint16_t>(content.data() + 2) == 0;
  if (text_at(content, 0) != kEd25519 || text_at(content, 4) != kBlake2b ||
      (!open && text_at(content, 2) != kScrypt)) {
    return Error(ErrorCode::unsupported,
                 "unsupported minisign key: only Ed25519 with scrypt and BLAKE2b is supported");
  }
  const auto opslimit = load_le<uint64_t>(content.data() + kScryptOpslimitAt);
  const auto memlimit = load_le<uint64_t>(content.data() + kScryptMemlimitAt);
  if (!open && (opslimit < kOpslimitMin || opslimit > kOpslimitMax || memlimit < kMemlimitMin ||
                memlimit > kMemlimitMax)) {
    return Error(ErrorCode::limit_exceeded,
                 cat("the key asks for ", opslimit, " steps and ", memlimit,
                     " bytes of memory; allowed are ", kOpslimitMin, " to ", kOpslimitMax,
                     " steps and ", kMemlimitMin, " to ", kMemlimitMax, " bytes"));
  }
  return {};
}

// Decrypts the end of `content` in place: removes the stream that scrypt derives.
Status decrypt(SecretBytes& content, const SecretBytes& passphrase) {
  const auto bytes = content.reveal_for_writing();
  const auto memlimit = load_le<uint64_t>(bytes.data() + kScryptMemlimitAt);
  SecretBytes stream = SecretBytes::zeros(kHiddenBytes);
  const int failed = crypto_pwhash_scryptsalsa208sha256(
      octets(stream.reveal_for_writing().data()), stream.size(),
      reinterpret_cast<const char*>(passphrase.reveal().data()), passphrase.size(),
      octets(bytes.data() + kScryptSaltAt), load_le<uint64_t>(bytes.data() + kScryptOpslimitAt),
      memlimit);
  if (failed != 0) return no_memory_for_hash(memlimit);
  std::ranges::transform(bytes.subspan(kHiddenAt), stream.reveal(),
                         bytes.subspan(kHiddenAt).begin(), std::bit_xor<>());
  return {};
}

bool has_checksum(ByteView content) {
  SecretBytes summed = SecretBytes::zeros(kEd25519.size() + kChecksumAt - kHiddenAt);
  const auto out = summed.reveal_for_writing();
  std::ranges::copy(as_bytes(kEd25519), out.begin());
  std::ranges::copy(content.subspan(kHiddenAt, kChecksumAt - kHiddenAt), out.begin() + 2);
  std::array<std::byte, 32> sum;
  blake2b({}, summed.reveal(), sum);
  return std::ranges::equal(sum, content.subspan(kChecksumAt));
}

}  // namespace

Result<Ed25519PublicKey> Ed25519PublicKey::from_text(std::string_view text) {
  require_sodium();
  auto line = key_line(text);
  if (!line) return std::move(line).error();
  const auto bytes = from_base64(*line);
  if (!bytes) return bad_minisign_key("it is not base64");
  if (bytes->size() == kContentBytes) return bad_minisign_key("this is the secret key");
  if (bytes->size() != kBytes || text_at(*bytes, 0) != kEd25519) {
    return bad_minisign_key("expected 'Ed', 8 bytes of key id and 32 bytes of key");
  }
  if (crypto_core_ed25519_is_valid_point(octets(bytes->data() + kPointAt)) != 1) {
    return Error(ErrorCode::malformed, "the public key is not a valid Ed25519 point");
  }
  Ed25519PublicKey key;
  std::ranges::copy(*bytes, key.bytes_.begin());
  return key;
}

Result<Ed25519PublicKey> Ed25519PublicKey::read(const std::filesystem::path& path) {
  auto text = read_text(path, kMinisignFileBytesMax);
  if (!text) return std::move(text).error();
  auto key = from_text(*text);
  if (!key) return std::move(key).error().within(escaped(path.string()));
  return key;
}

bool Ed25519PublicKey::verifies(ByteView message, ByteView signature) const {
  require_sodium();
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(octets(signature.data()), octets(message.data()),
                                     message.size(), octets(bytes_.data() + kPointAt)) == 0;
}

Result<Ed25519SecretKey> Ed25519SecretKey::open(SecretBytes content,
                                                const PassphraseSource& passphrase) {
  auto checked = checked_content(content.reveal());
  if (!checked) return std::move(checked).error();
  if (text_at(content.reveal(), 2) == kScrypt) {
    if (!passphrase) return Error(ErrorCode::crypto, "no passphrase was given for this key");
    auto given = passphrase();
    if (!given) return std::move(given).error();
    auto decrypted = decrypt(content, *given);
    if (!decrypted) return std::move(decrypted).error();
    if (!has_checksum(content.reveal())) {
      return Error(ErrorCode::crypto, "wrong passphrase, or the key was changed");
    }
  }
  // An unencrypted key has no checksum, but the public half must match the seed.
  const ByteView bytes = content.reveal();
  Ed25519SecretKey key(SecretBytes::zeros(crypto_sign_SECRETKEYBYTES));
  std::ranges::copy(as_bytes(kEd25519), key.public_.bytes_.begin());
  std::ranges::copy(bytes.subspan(kHiddenAt, 8), key.public_.bytes_.begin() + 2);
  crypto_sign_seed_keypair(octets(key.public_.bytes_.data() + kPointAt),
                           octets(key.pair_.reveal_for_writing().data()),
                           octets(bytes.data() + kPairAt));
  if (!std::ranges::equal(key.pair_.reveal(), bytes.subspan(kPairAt, key.pair_.size()))) {
    return Error(ErrorCode::crypto, "damaged: the public half does not match the secret half");
  }
  return key;
}

Result<Ed25519SecretKey> Ed25519SecretKey::read(const std::filesystem::path& path,
                                                const PassphraseSource& passphrase) {
  require_sodium();
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  if (file->size() > kMinisignFileBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat(file->name(), ": too large to be a minisign key"));
  }
  SecretBytes text = SecretBytes::zeros(file->size());
  auto status = file->read_at(0, text.reveal_for_writing());
  if (!status) return std::move(status).error();
  auto line = key_line(as_text(text.reveal()));
  if (!line) return std::move(line).error().within(file->name());
  auto content = secret_from_base64(*line);
  auto key = content ? open(std::move(*content), passphrase)
                     : Result<Ed25519SecretKey>(bad_minisign_key("it is not base64"));
  if (!key) return std::move(key).error().within(file->name());
  key->readable_by_others_ = file->readable_by_others();
  return key;
}

Bytes Ed25519SecretKey::sign(ByteView message) const {
  Bytes signature(crypto_sign_BYTES);
  crypto_sign_detached(octets(signature.data()), nullptr, octets(message.data()), message.size(),
                       octets(pair_.reveal().data()));
  return signature;
}

}  // namespace wmk::crypto
