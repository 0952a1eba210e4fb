#include "crypto/note_signer.h"

#include <sodium.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "crypto/encoding.h"
#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr uint64_t kNoteKeyFileBytesMax = 4096;
constexpr std::string_view kPrivate = "PRIVATE+KEY+";
constexpr size_t kStampBytes = 8;

Error bad_note_key(std::string_view what) {
  return Error(ErrorCode::malformed, cat("not a key of a log or witness: ", what))
      .with_hint("'weightmark log keygen' makes one");
}

// Big-endian.
void store_time(uint64_t seconds, std::span<std::byte> to) {
  for (size_t i = kStampBytes; i-- > 0; seconds >>= 8) to[i] = static_cast<std::byte>(seconds);
}

}  // namespace

Result<NoteSigner> NoteSigner::generate(std::string_view name) {
  SecretBytes seed = SecretBytes::random(crypto_sign_SEEDBYTES);
  return from_seed(name, seed.reveal_for_writing());
}

Result<NoteSigner> NoteSigner::from_seed(std::string_view name, std::span<std::byte> seed) {
  require_sodium();
  if (!is_note_name(name)) {
    return Error(ErrorCode::invalid_argument,
                 cat("'", escaped(name), "' cannot be a key's name: it is empty or has a space, a ",
                     "control character or '+'"))
        .with_hint("use an address without its scheme, such as example.org/marks");
  }
  NoteSigner out(std::string(name), SecretBytes::zeros(crypto_sign_SECRETKEYBYTES));
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> point;
  crypto_sign_seed_keypair(point.data(), octets(out.pair_.reveal_for_writing().data()),
                           octets(seed.data()));
  sodium_memzero(seed.data(), seed.size());
  return out;
}

Result<NoteSigner> NoteSigner::parse(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!text.starts_with(kPrivate)) return bad_note_key("it does not start with PRIVATE+KEY+");
  const auto fields = note_key_fields(text.substr(kPrivate.size()));
  if (!fields) return bad_note_key("it has fewer than five parts");
  auto bytes = secret_from_base64(fields->base64);
  if (!bytes || bytes->size() != 1 + crypto_sign_SEEDBYTES) {
    return bad_note_key("its key is not the base64 of 33 bytes");
  }
  const auto content = bytes->reveal_for_writing();
  if (content[0] != static_cast<std::byte>(NoteKeyType::ed25519)) {
    return Error(ErrorCode::unsupported, "a secret key of an unknown type, not Ed25519");
  }
  auto out = from_seed(fields->name, content.subspan(1));
  if (!out) return out;
  if (to_hex(out->verifier(NoteKeyType::ed25519).id()) != fields->id) {
    return bad_note_key("its id belongs to another name or key");
  }
  return out;
}

Result<NoteSigner> NoteSigner::read(const std::filesystem::path& path) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  if (file->size() > kNoteKeyFileBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat(file->name(), ": too large to be a log's key"));
  }
  SecretBytes text = SecretBytes::zeros(file->size());
  if (auto status = file->read_at(0, text.reveal_for_writing()); !status) {
    return std::move(status).error();
  }
  auto out = parse(as_text(text.reveal()));
  if (!out) return std::move(out).error().within(file->name());
  out->readable_by_others_ = file->readable_by_others();
  return out;
}

NoteVerifier NoteSigner::verifier(NoteKeyType type) const {
  const ByteView point = pair_.reveal().last(crypto_sign_PUBLICKEYBYTES);
  return NoteVerifier(name_, type, Bytes(point.begin(), point.end()));
}

SecretBytes NoteSigner::file_content() const {
  const std::string head =
      cat(kPrivate, name_, "+", to_hex(verifier(NoteKeyType::ed25519).id()), "+");
  SecretBytes typed = SecretBytes::zeros(1 + crypto_sign_SEEDBYTES);
  typed.reveal_for_writing()[0] = static_cast<std::byte>(NoteKeyType::ed25519);
  std::ranges::copy(pair_.reveal().first(crypto_sign_SEEDBYTES),
                    typed.reveal_for_writing().begin() + 1);
  const SecretBytes tail = secret_to_base64(typed);
  SecretBytes out = SecretBytes::zeros(head.size() + tail.size() + 1);
  auto to = std::ranges::copy(as_bytes(head), out.reveal_for_writing().begin()).out;
  *std::ranges::copy(tail.reveal(), to).out = std::byte{'\n'};
  return out;
}

Bytes NoteSigner::signature_of(std::string_view message) const {
  Bytes out(crypto_sign_BYTES);
  crypto_sign_detached(octets(out.data()), nullptr, octets(as_bytes(message).data()),
                       message.size(), octets(pair_.reveal().data()));
  return out;
}

NoteSignature NoteSigner::named(NoteKeyType type, Bytes bytes) const {
  return {name_, verifier(type).id(), std::move(bytes)};
}

NoteSignature NoteSigner::sign(std::string_view text) const {
  return named(NoteKeyType::ed25519, signature_of(text));
}

NoteSignature NoteSigner::cosign(std::string_view text, uint64_t seconds) const {
  Bytes bytes(kStampBytes);
  store_time(seconds, bytes);
  const Bytes signature = signature_of(cosigned_message(text, seconds));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return named(NoteKeyType::cosignature, std::move(bytes));
}

}  // namespace wmk::crypto
