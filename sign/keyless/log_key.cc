#include "sign/keyless/log_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/openssl.h"

namespace wmk::sign {

namespace {

constexpr size_t kEd25519Bytes = 32;
constexpr int kRsaBitsMin = 2048;

// nullptr for Ed25519, which hashes by itself; nullopt: a key of another kind.
std::optional<const EVP_MD*> digest_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return nullptr;
  if (EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kRsaBitsMin) return EVP_sha256();
  if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
  EVP_PKEY_up_ref(key);
  const auto curve = PublicKey::take(KeyPointer(key), "a log's key");
  if (!curve) return std::nullopt;
  return curve->curve() == "P-256"   ? EVP_sha256()
         : curve->curve() == "P-384" ? EVP_sha384()
                                     : EVP_sha512();
}

}  // namespace

std::optional<LogKey> LogKey::from_der(ByteView der) {
  const unsigned char* at = octets(der);
  KeyPointer key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!key || at != octets(der) + der.size() || !digest_of(key.get())) return std::nullopt;
  LogKey out;
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1) {
    out.ed25519_.resize(kEd25519Bytes);
    size_t size = out.ed25519_.size();
    EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(out.ed25519_.data()),
                                &size);
  }
  out.key_ = std::move(key);
  out.key_id_ = sha256(der);
  return out;
}

bool LogKey::verifies(ByteView message, ByteView signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const auto digest = digest_of(key_.get());
  const bool good =
      context && digest &&
      EVP_DigestVerifyInit(context.get(), nullptr, *digest, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

Bytes LogKey::note_id(std::string_view name) const {
  if (ed25519_.empty()) return key_id_;
  constexpr char kEd25519Type = 1;
  return sha256(as_bytes(cat(name, "\n", std::string(1, kEd25519Type), as_text(ed25519_))));
}

}  // namespace wmk::sign
