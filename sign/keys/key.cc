#include "sign/keys/key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/openssl.h"

namespace wmk::sign {

namespace {

constexpr uint64_t kKeyFileBytesMax = 64 << 10;

struct Curve {
  std::string_view openssl_name, name;
  const EVP_MD* (*digest)();
};
constexpr std::array<Curve, 3> kCurves = {{{"prime256v1", "P-256", EVP_sha256},
                                           {"secp384r1", "P-384", EVP_sha384},
                                           {"secp521r1", "P-521", EVP_sha512}}};

const Curve* curve_of(EVP_PKEY* key) {
  std::array<char, 64> name{};
  if (EVP_PKEY_is_a(key, "EC") != 1) return nullptr;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                     nullptr) != 1) {
    return nullptr;
  }
  for (const Curve& curve : kCurves) {
    if (curve.openssl_name == name.data()) return &curve;
  }
  return nullptr;
}

const EVP_MD* digest_for(std::string_view curve, SignatureDigest digest) {
  if (digest == SignatureDigest::sha256) return EVP_sha256();
  for (const Curve& known : kCurves) {
    if (known.name == curve) return known.digest();
  }
  return nullptr;
}

Error not_supported(std::string_view name) {
  return Error(ErrorCode::unsupported,
               cat(name, ": not an elliptic-curve key on P-256, P-384 or P-521"))
      .with_hint("make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256");
}

std::string hint_of(EVP_PKEY* key) {
  const BioPointer bio = memory_bio();
  PEM_write_bio_PUBKEY(bio.get(), key);
  return to_hex(sha256(as_bytes(content_of(bio.get()))));
}

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<PublicKey> PublicKey::take(KeyPointer key, std::string_view name) {
  const Curve* const curve = key ? curve_of(key.get()) : nullptr;
  if (curve == nullptr) return not_supported(name);
  // Gives the same hint, compressed point or not.
  EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                 OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
  std::string hint = hint_of(key.get());
  return PublicKey(std::move(key), curve->name, std::move(hint));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem, std::string_view name) {
  const BioPointer bio = bio_over(as_bytes(pem));
  KeyPointer key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key) return take(std::move(key), name);
  Error error(ErrorCode::malformed, cat(name, ": contains no PEM public key"));
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return std::move(error).with_hint(
        "this is a private key; openssl pkey -pubout extracts the public key");
  }
  if (pem.find("BEGIN CERTIFICATE-----") != std::string_view::npos) {
    return std::move(error).with_hint("use --certificate-chain for certificates");
  }
  if (pem.find("vnd.dev.sigstore.bundle") != std::string_view::npos) {
    return std::move(error).with_hint("this is a bundle; use --signature for it");
  }
  return error;
}

Result<PublicKey> PublicKey::read(const std::filesystem::path& path) {
  auto text = read_text(path, kKeyFileBytesMax);
  if (!text) return std::move(text).error();
  return from_pem(*text, escaped(path.string()));
}

bool PublicKey::equals(const PublicKey& other) const {
  return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

bool PublicKey::verifies(ByteView message, ByteView signature, SignatureDigest digest) const {
  const DigestContext context(EVP_MD_CTX_new());
  const bool good = context &&
                    EVP_DigestVerifyInit(context.get(), nullptr, digest_for(curve_, digest),
                                         nullptr, key_.get()) == 1 &&
                    EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                     octets(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool PublicKey::verifies_digest(ByteView digest, ByteView signature) const {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  const int bytes = EVP_MD_get_size(digest_for(curve_, SignatureDigest::of_curve));
  const bool good = digest.size() == static_cast<size_t>(bytes) && context &&
                    EVP_PKEY_verify_init(context.get()) == 1 &&
                    EVP_PKEY_verify(context.get(), octets(signature), signature.size(),
                                    octets(digest), digest.size()) == 1;
  ERR_clear_error();
  return good;
}

Bytes PublicKey::der() const {
  Bytes out(static_cast<size_t>(std::max(i2d_PUBKEY(key_.get(), nullptr), 0)));
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  if (!out.empty()) i2d_PUBKEY(key_.get(), &to);
  return out;
}

Result<PrivateKey> PrivateKey::read(const std::filesystem::path& path,
                                    const crypto::PassphraseSource& passphrase) {
  use_secure_heap();
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  const std::string name = escaped(path.string());
  if (file->size() > kKeyFileBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat(name, ": too large for a private key"));
  }
  auto pem = crypto::SecretBytes::zeros(file->size());
  auto status = file->read_at(0, pem.reveal_for_writing());
  if (!status) return std::move(status).error();
  PassphraseRequest request{&passphrase, std::nullopt};
  const BioPointer bio = bio_over(pem.reveal());
  KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &request));
  if (request.failure) return std::move(*request.failure);
  if (!key && request.asked) {
    ERR_clear_error();
    return Error(ErrorCode::crypto, cat(name, ": wrong passphrase, or the key is damaged"));
  }
  ERR_clear_error();
  if (!key) {
    Error error(ErrorCode::malformed, cat(name, ": contains no PEM private key"));
    const bool is_public =
        as_text(pem.reveal()).find("-BEGIN PUBLIC KEY-") != std::string_view::npos;
    return is_public ? std::move(error).with_hint("this is a public key") : std::move(error);
  }
  EVP_PKEY_up_ref(key.get());
  auto shared = PublicKey::take(KeyPointer(key.get()), name);
  if (!shared) return std::move(shared).error();
  PrivateKey out(std::move(key), std::move(*shared));
  out.readable_by_others_ = file->readable_by_others();
  return out;
}

Result<Bytes> PrivateKey::sign(ByteView message) const {
  const DigestContext context(EVP_MD_CTX_new());
  Bytes out(static_cast<size_t>(EVP_PKEY_get_size(key_.get())));
  size_t size = out.size();
  const bool good = context &&
                    EVP_DigestSignInit(context.get(), nullptr,
                                       digest_for(public_.curve(), SignatureDigest::of_curve),
                                       nullptr, key_.get()) == 1 &&
                    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                   &size, octets(message), message.size()) == 1;
  if (!good) return Error(ErrorCode::crypto, cat("cannot sign: ", openssl_reason()));
  out.resize(size);
  // A token may return anything: check its signature.
  if (!public_.verifies(message, out)) {
    return Error(ErrorCode::crypto, "cannot sign: the signature does not match the public key");
  }
  return out;
}

}  // namespace wmk::sign
