#include "crypto/note_key.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <new>

#include "base/text.h"
#include "crypto/encoding.h"
#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr size_t kPointBytes = 32, kMlDsaBytes = 1312, kTimeBytes = 8, kSignatureBytes = 64;
constexpr uint64_t kTimeMax = INT64_MAX;

Error bad_vkey(std::string_view what) {
  return Error(ErrorCode::malformed, cat("not a verifier key: ", what))
      .with_hint("it has the form NAME+ID+BASE64, as 'weightmark log keygen' prints it");
}

// SHA-256(NAME || "\n" || type || key), the first four bytes.
NoteKeyId key_id(std::string_view name, NoteKeyType type, ByteView key) {
  Bytes message;
  std::ranges::copy(as_bytes(name), std::back_inserter(message));
  message.push_back(std::byte{'\n'});
  message.push_back(static_cast<std::byte>(type));
  message.insert(message.end(), key.begin(), key.end());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) !=
      1) {
    throw std::bad_alloc();
  }
  NoteKeyId id;
  std::transform(digest.begin(), digest.begin() + id.size(), id.begin(),
                 [](unsigned char c) { return static_cast<std::byte>(c); });
  return id;
}

std::optional<NoteKeyType> key_type(std::byte byte, size_t bytes) {
  for (const NoteKeyType type : {NoteKeyType::ed25519, NoteKeyType::cosignature}) {
    if (byte == static_cast<std::byte>(type) && bytes == kPointBytes) return type;
  }
  const bool ml_dsa = byte == static_cast<std::byte>(NoteKeyType::ml_dsa_cosignature);
  return ml_dsa && bytes == kMlDsaBytes ? std::optional(NoteKeyType::ml_dsa_cosignature)
                                        : std::nullopt;
}

// Numbers of notes are big-endian.
uint64_t load_time(ByteView bytes) {
  uint64_t out = 0;
  for (const std::byte byte : bytes.first(kTimeBytes)) out = out << 8 | std::to_integer<int>(byte);
  return out;
}

}  // namespace

// Neither name nor id contains '+'.
std::optional<NoteKeyFields> note_key_fields(std::string_view text) {
  const size_t first = text.find('+');
  const size_t second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos) return std::nullopt;
  return NoteKeyFields{text.substr(0, first), text.substr(first + 1, second - first - 1),
                       text.substr(second + 1)};
}

std::string cosigned_message(std::string_view text, uint64_t seconds) {
  return cat("cosignature/v1\ntime ", seconds, "\n", text);
}

NoteVerifier::NoteVerifier(std::string name, NoteKeyType type, Bytes key)
    : name_(std::move(name)), type_(type), key_(std::move(key)), id_(key_id(name_, type_, key_)) {}

Result<NoteVerifier> NoteVerifier::parse(std::string_view vkey) {
  require_sodium();
  if (vkey.starts_with("PRIVATE+KEY+")) {
    return Error(ErrorCode::invalid_argument, "this is a secret key, not a verifier key");
  }
  const auto fields = note_key_fields(vkey);
  if (!fields) return bad_vkey("it has fewer than three parts");
  if (!is_note_name(fields->name)) return bad_vkey("its name is empty or has a space");
  const auto bytes = from_base64(fields->base64);
  if (!bytes || bytes->empty()) return bad_vkey("its key is not base64");
  const auto type = key_type(bytes->front(), bytes->size() - 1);
  if (!type) return Error(ErrorCode::unsupported, "a verifier key of an unknown type");
  NoteVerifier out(std::string(fields->name), *type, Bytes(bytes->begin() + 1, bytes->end()));
  if (to_hex(out.id_) != fields->id) return bad_vkey("its id belongs to another name or key");
  if (*type != NoteKeyType::ml_dsa_cosignature &&
      crypto_core_ed25519_is_valid_point(octets(out.key_.data())) != 1) {
    return bad_vkey("it is not a valid Ed25519 point");
  }
  return out;
}

std::string NoteVerifier::vkey() const {
  Bytes bytes = {static_cast<std::byte>(type_)};
  bytes.insert(bytes.end(), key_.begin(), key_.end());
  return cat(name_, "+", to_hex(id_), "+", to_base64(bytes));
}

std::optional<uint64_t> NoteVerifier::verified_time(std::string_view text,
                                                    ByteView signature) const {
  require_sodium();
  const bool timed = type_ == NoteKeyType::cosignature;
  if (signature.size() != kSignatureBytes + (timed ? kTimeBytes : 0)) return std::nullopt;
  const uint64_t time = timed ? load_time(signature) : 0;
  if (time > kTimeMax) return std::nullopt;
  const std::string message = timed ? cosigned_message(text, time) : std::string(text);
  const ByteView bare = signature.last(kSignatureBytes);
  if (crypto_sign_verify_detached(octets(bare.data()), octets(as_bytes(message).data()),
                                  message.size(), octets(key_.data())) != 0) {
    return std::nullopt;
  }
  return time;
}

NoteAnswer NoteVerifier::answer(const SignedNote& note) const {
  NoteAnswer out;
  if (type_ == NoteKeyType::ml_dsa_cosignature) return out;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != name_ || signature.id != id_) continue;
    const auto time = verified_time(note.text, signature.bytes);
    if (!time) return {NoteSigned::invalid, 0};
    out.time = out.state == NoteSigned::absent ? *time : std::min(out.time, *time);
    out.state = NoteSigned::valid;
  }
  return out;
}

}  // namespace wmk::crypto
