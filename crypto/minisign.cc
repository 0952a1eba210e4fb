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
// A secret key's content: three algorithms, then what scrypt needs, then what it hides.
constexpr size_t kScryptSaltAt = 6;
constexpr size_t kScryptOpslimitAt = kScryptSaltAt + 32;
constexpr size_t kScryptMemlimitAt = kScryptOpslimitAt + 8;
constexpr size_t kHiddenAt = kScryptMemlimitAt + 8;
constexpr size_t kPairAt = kHiddenAt + 8;
constexpr size_t kChecksumAt = kPairAt + 64;
constexpr size_t kContentBytes = kChecksumAt + 32;
constexpr size_t kHiddenBytes = kContentBytes - kHiddenAt;
// The file names its own cost: what minisign writes is the most, what libsodium takes the least.
constexpr uint64_t kOpslimitMin = 1 << 15, kOpslimitMax = 1 << 25;
constexpr uint64_t kMemlimitMin = 1 << 24, kMemlimitMax = 1 << 30;

Error no_minisign_key(std::string_view what) {
  return Error(ErrorCode::malformed, cat("no minisign key: ", what))
      .with_hint("minisign -G makes a pair of keys");
}

// The line of base64, in front of which there may be a comment.
Result<std::string_view> key_line(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with(kComment)) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return no_minisign_key("there is no second line");
    text = trimmed(text.substr(end));
  }
  if (text.empty() || text.find_first_of("\r\n\t ") != std::string_view::npos) {
    return no_minisign_key("there must be one line of base64 behind the comment");
  }
  return text;
}

std::string_view text_at(ByteView bytes, size_t at) { return as_text(bytes.subspan(at, 2)); }

Status checked_content(ByteView content) {
  if (content.size() == Ed25519PublicKey::kBytes) return no_minisign_key("it is the public one");
  if (content.size() != kContentBytes) {
    return no_minisign_key(cat(content.size(), " bytes where a secret one has ", kContentBytes));
  }
  const bool open = load_le<uint16_t>(content.data() + 2) == 0;
  if (text_at(content, 0) != kEd25519 || text_at(content, 4) != kBlake2b ||
      (!open && text_at(content, 2) != kScrypt)) {
    return Error(ErrorCode::unsupported,
                 "the key is of another kind than Ed25519, scrypt, BLAKE2b");
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

// Takes away what scrypt laid over the end of `content`.
Status uncover(SecretBytes& content, const SecretBytes& words) {
  const auto bytes = content.reveal_for_writing();
  const auto memlimit = load_le<uint64_t>(bytes.data() + kScryptMemlimitAt);
  SecretBytes cover = SecretBytes::zeros(kHiddenBytes);
  const int failed = crypto_pwhash_scryptsalsa208sha256(
      octets(cover.reveal_for_writing().data()), cover.size(),
      reinterpret_cast<const char*>(words.reveal().data()), words.size(),
      octets(bytes.data() + kScryptSaltAt), load_le<uint64_t>(bytes.data() + kScryptOpslimitAt),
      memlimit);
  if (failed != 0) {
    return Error(ErrorCode::limit_exceeded, cat("the passphrase hash needs ", memlimit >> 20,
                                                " MiB of memory, which this machine did not give"));
  }
  std::ranges::transform(bytes.subspan(kHiddenAt), cover.reveal(), bytes.subspan(kHiddenAt).begin(),
                         std::bit_xor<>());
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
  if (!bytes) return no_minisign_key("it is not base64");
  if (bytes->size() == kContentBytes) return no_minisign_key("it is the secret one");
  if (bytes->size() != kBytes || text_at(*bytes, 0) != kEd25519) {
    return no_minisign_key("it is not 'Ed', 8 bytes of an id and 32 of a key");
  }
  if (crypto_core_ed25519_is_valid_point(octets(bytes->data() + kPointAt)) != 1) {
    return Error(ErrorCode::malformed, "the public key is no point of Ed25519");
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
    if (!passphrase) return Error(ErrorCode::crypto, "the key has a passphrase, none was given");
    auto words = passphrase();
    if (!words) return std::move(words).error();
    auto uncovered = uncover(content, *words);
    if (!uncovered) return std::move(uncovered).error();
    if (!has_checksum(content.reveal())) {
      return Error(ErrorCode::crypto, "wrong passphrase, or the key was changed");
    }
  }
  // minisign leaves the checksum of an open key empty; that its halves belong together says more.
  const ByteView bytes = content.reveal();
  Ed25519SecretKey key(SecretBytes::zeros(crypto_sign_SECRETKEYBYTES));
  std::ranges::copy(as_bytes(kEd25519), key.public_.bytes_.begin());
  std::ranges::copy(bytes.subspan(kHiddenAt, 8), key.public_.bytes_.begin() + 2);
  crypto_sign_seed_keypair(octets(key.public_.bytes_.data() + kPointAt),
                           octets(key.pair_.reveal_for_writing().data()),
                           octets(bytes.data() + kPairAt));
  if (!std::ranges::equal(key.pair_.reveal(), bytes.subspan(kPairAt, key.pair_.size()))) {
    return Error(ErrorCode::crypto, "damaged: the halves of the key do not belong together");
  }
  return key;
}

Result<Ed25519SecretKey> Ed25519SecretKey::read(const std::filesystem::path& path,
                                                const PassphraseSource& passphrase) {
  require_sodium();
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  if (file->size() > kMinisignFileBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat(file->name(), ": too large for a minisign key"));
  }
  SecretBytes text = SecretBytes::zeros(file->size());
  auto status = file->read_at(0, text.reveal_for_writing());
  if (!status) return std::move(status).error();
  auto line = key_line(as_text(text.reveal()));
  if (!line) return std::move(line).error().within(file->name());
  auto content = secret_from_base64(*line);
  auto key = content ? open(std::move(*content), passphrase)
                     : Result<Ed25519SecretKey>(no_minisign_key("it is not base64"));
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
