#include "tests/unit/keyless/made_keys.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "sign/digest.h"
#include "sign/keys/openssl.h"
#include "sign/keys/timestamp.h"

namespace wmk::sign::test {

namespace {

template <class T>
Bytes encoded(int (*encode)(T*, unsigned char**), T* object) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  REQUIRE(size > 0);
  const Bytes out(reinterpret_cast<std::byte*>(der), reinterpret_cast<std::byte*>(der) + size);
  OPENSSL_free(der);
  return out;
}

int encode_public(EVP_PKEY* key, unsigned char** to) { return i2d_PUBKEY(key, to); }
int encode_part(X509* certificate, unsigned char** to) { return i2d_re_X509_tbs(certificate, to); }
int encode_response(TS_RESP* response, unsigned char** to) { return i2d_TS_RESP(response, to); }

// Certificates for keyless signers have an empty subject.
void set_common_name(X509_NAME* name, const std::string& text) {
  if (text.empty()) return;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.c_str());
  REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes, -1, -1, 0) == 1);
}

ASN1_INTEGER* give_serial(TS_RESP_CTX*, void*) {
  ASN1_INTEGER* const serial = ASN1_INTEGER_new();
  ASN1_INTEGER_set(serial, 7);
  return serial;
}

int give_time(TS_RESP_CTX*, void* user, long* seconds, long* microseconds) {
  *seconds = static_cast<long>(*static_cast<int64_t*>(user));
  *microseconds = 0;
  return 1;
}

}  // namespace

KeyPointer ed25519_key() {
  KeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  REQUIRE(key);
  return key;
}

Bytes public_der(const KeyPointer& key) { return encoded(encode_public, key.get()); }

Bytes sign_with(const KeyPointer& key, ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const EVP_MD* const digest = EVP_PKEY_is_a(key.get(), "ED25519") == 1 ? nullptr : EVP_sha256();
  Bytes out(static_cast<size_t>(EVP_PKEY_get_size(key.get())));
  size_t size = out.size();
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get()) == 1);
  REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                         octets(message), message.size()) == 1);
  out.resize(size);
  return out;
}

MadeCertificate issue(const CertificateWish& wish, KeyPointer key, const MadeCertificate* issuer) {
  MadeCertificate out{wish.name, std::move(key), {}};
  out.certificate.reset(X509_new());
  X509* const made = out.certificate.get();
  static long serial = 0;
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(made), static_cast<time_t>(wish.start));
  ASN1_TIME_set(X509_getm_notAfter(made), static_cast<time_t>(wish.start + wish.seconds));
  set_common_name(X509_get_subject_name(made), wish.name);
  set_common_name(X509_get_issuer_name(made), issuer != nullptr ? issuer->name : wish.name);
  REQUIRE(X509_set_pubkey(made, out.key.get()) == 1);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
  for (const auto& [name, value] : wish.extensions) {
    X509_EXTENSION* const extension =
        X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str());
    INFO(name);
    REQUIRE(extension != nullptr);
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
  }
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : out.key.get();
  REQUIRE(X509_sign(made, signer, EVP_sha256()) > 0);
  return out;
}

void extend(MadeCertificate& certificate, const std::string& oid, ByteView content,
            const MadeCertificate& issuer) {
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> name(OBJ_txt2obj(oid.c_str(), 1),
                                                                       ASN1_OBJECT_free);
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> value(
      ASN1_OCTET_STRING_new(), ASN1_OCTET_STRING_free);
  ASN1_OCTET_STRING_set(value.get(), octets(content), static_cast<int>(content.size()));
  X509_EXTENSION* const extension =
      X509_EXTENSION_create_by_OBJ(nullptr, name.get(), 0, value.get());
  REQUIRE(X509_add_ext(certificate.certificate.get(), extension, -1) == 1);
  X509_EXTENSION_free(extension);
  REQUIRE(X509_sign(certificate.certificate.get(), issuer.key.get(), EVP_sha256()) > 0);
}

Bytes timestamp_list_of(const MadeCertificate& certificate) {
  X509* const from = certificate.certificate.get();
  const int place = X509_get_ext_by_NID(from, NID_ct_precert_scts, -1);
  REQUIRE(place >= 0);
  const ASN1_OCTET_STRING* const data = X509_EXTENSION_get_data(X509_get_ext(from, place));
  const auto* const bytes = reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(data));
  return {bytes, bytes + ASN1_STRING_length(data)};
}

Bytes signed_part(const MadeCertificate& certificate) {
  return encoded(encode_part, certificate.certificate.get());
}

Bytes timestamp_by(const MadeCertificate& authority, ByteView signature, int64_t time) {
  const auto query = timestamp_query(signature);
  REQUIRE(query);
  const BioPointer bio = bio_over(*query);
  const std::unique_ptr<TS_RESP_CTX, decltype(&TS_RESP_CTX_free)> context(TS_RESP_CTX_new(),
                                                                          TS_RESP_CTX_free);
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> policy(OBJ_txt2obj("1.2.3.4", 1),
                                                                         ASN1_OBJECT_free);
  TS_RESP_CTX_set_signer_cert(context.get(), authority.certificate.get());
  TS_RESP_CTX_set_signer_key(context.get(), authority.key.get());
  TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256());
  TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256());
  TS_RESP_CTX_set_def_policy(context.get(), policy.get());
  TS_RESP_CTX_add_md(context.get(), EVP_sha256());
  TS_RESP_CTX_set_serial_cb(context.get(), give_serial, nullptr);
  TS_RESP_CTX_set_time_cb(context.get(), give_time, &time);
  const std::unique_ptr<TS_RESP, decltype(&TS_RESP_free)> response(
      TS_RESP_create_response(context.get(), bio.get()), TS_RESP_free);
  REQUIRE(response);
  return encoded(encode_response, response.get());
}

}  // namespace wmk::sign::test
