#include "tests/unit/sign/made_certificates.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

namespace wmk::sign::test {

namespace {

constexpr long kDay = 24 * 3600;

void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  REQUIRE(extension != nullptr);
  REQUIRE(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void set_name(X509_NAME* name, const std::string& text) {
  REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                     0) == 1);
}

}  // namespace

void FreeCertificate::operator()(x509_st* certificate) const { X509_free(certificate); }

Bytes MadeCertificate::der() const {
  Bytes out(static_cast<size_t>(i2d_X509(certificate.get(), nullptr)));
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  i2d_X509(certificate.get(), &to);
  return out;
}

KeyPointer rsa_key(unsigned bits) {
  KeyPointer key(EVP_RSA_gen(bits));
  REQUIRE(key);
  return key;
}

KeyPointer p256_key() {
  KeyPointer key(EVP_EC_gen("P-256"));
  REQUIRE(key);
  return key;
}

MadeCertificate make_certificate(const std::string& name, KeyPointer key,
                                 const MadeCertificate* issuer, Use use, SignedWith with) {
  MadeCertificate out{name, std::move(key), {}};
  out.certificate.reset(X509_new());
  X509* const made = out.certificate.get();
  static long serial = 0;
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(made), 9 * kDay);
  set_name(X509_get_subject_name(made), name);
  set_name(X509_get_issuer_name(made), issuer != nullptr ? issuer->name : name);
  REQUIRE(X509_set_pubkey(made, out.key.get()) == 1);
  const bool authority = use == Use::authority;
  add_extension(made, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(made, NID_key_usage, authority ? "critical,keyCertSign" : "digitalSignature");
  if (!authority) add_extension(made, NID_ext_key_usage, "codeSigning");
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : out.key.get();
  REQUIRE(X509_sign(made, signer, with == SignedWith::sha1 ? EVP_sha1() : EVP_sha256()) > 0);
  return out;
}

}  // namespace wmk::sign::test
