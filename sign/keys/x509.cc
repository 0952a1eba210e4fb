#include "sign/keys/x509.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "sign/keys/openssl.h"

namespace wmk::sign {

namespace {

constexpr int kChainDepthMax = 10;
// 112 bits: no MD5, no SHA-1, at least 2048 bits of RSA and 224 of an elliptic curve.
constexpr int kSecurityLevel = 2;

}  // namespace

void FreeX509::operator()(x509_st* certificate) const { X509_free(certificate); }
void FreeX509::operator()(x509_store_st* store) const { X509_STORE_free(store); }
void FreeX509::operator()(stack_st_X509* stack) const { sk_X509_pop_free(stack, X509_free); }

CertificatePointer certificate_from(ByteView der) {
  const unsigned char* at = octets(der);
  CertificatePointer certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (certificate && at != octets(der) + der.size()) return nullptr;
  return certificate;
}

StackPointer stack_of(const std::vector<Bytes>& certificates) {
  StackPointer stack(sk_X509_new_null());
  for (const Bytes& der : certificates) {
    CertificatePointer certificate = certificate_from(der);
    if (!certificate || sk_X509_push(stack.get(), certificate.get()) == 0) return nullptr;
    (void)certificate.release();  // the stack owns it now
  }
  return stack;
}

StorePointer store_of(const std::vector<Bytes>& anchors, AnchorKind kind) {
  StorePointer store(X509_STORE_new());
  for (const Bytes& der : anchors) {
    const CertificatePointer certificate = certificate_from(der);
    if (!certificate || X509_STORE_add_cert(store.get(), certificate.get()) != 1) return nullptr;
  }
  X509_VERIFY_PARAM* const how = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_depth(how, kChainDepthMax);
  X509_VERIFY_PARAM_set_auth_level(how, kSecurityLevel);
  if (kind == AnchorKind::any) X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

Bytes der_of(x509_st* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<size_t>(size));
  auto* to = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &to);
  return der;
}

}  // namespace wmk::sign
