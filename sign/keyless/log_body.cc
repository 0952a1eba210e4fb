#include "sign/keyless/log_body.h"

#include <openssl/evp.h>

#include <array>
#include <new>

#include "base/text.h"
#include "crypto/encoding.h"

namespace wmk::sign {

namespace {

struct LogAlgorithm {
  std::string_view curve, digest, details;
  const EVP_MD* (*method)();
};
constexpr std::array<LogAlgorithm, 3> kLogAlgorithms = {
    {{"P-256", "SHA2_256", "PKIX_ECDSA_P256_SHA_256", EVP_sha256},
     {"P-384", "SHA2_384", "PKIX_ECDSA_P384_SHA_384", EVP_sha384},
     {"P-521", "SHA2_512", "PKIX_ECDSA_P521_SHA_512", EVP_sha512}}};

const LogAlgorithm& log_algorithm(const PublicKey& key) {
  for (const LogAlgorithm& known : kLogAlgorithms) {
    if (known.curve == key.curve()) return known;
  }
  return kLogAlgorithms.front();  // a PublicKey has one of the three curves
}

}  // namespace

Bytes digest_for_key(const PublicKey& key, ByteView message) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(out.data()),
                 &size, log_algorithm(key).method(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  out.resize(size);
  return out;
}

std::string hashedrekord_body(const LoggedSignature& logged) {
  const LogAlgorithm& algorithm = log_algorithm(logged.key);
  const bool by_key = logged.certificate.empty();
  const std::string material =
      by_key ? crypto::to_base64(logged.key.der()) : crypto::to_base64(logged.certificate);
  return cat(R"({"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":)",
             R"({"data":{"algorithm":")", algorithm.digest, R"(","digest":")",
             crypto::to_base64(logged.digest), R"("},"signature":{"content":")",
             crypto::to_base64(logged.signature), R"(","verifier":{"keyDetails":")",
             algorithm.details, R"(",")", by_key ? "publicKey" : "x509Certificate",
             R"(":{"rawBytes":")", material, R"("}}}}}})");
}

}  // namespace wmk::sign
