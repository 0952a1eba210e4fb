#include "sign/keyless/identity.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/text.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

constexpr const char* kIssuerExtension = "1.3.6.1.4.1.57264.1.8";

}  // namespace

std::string identity_issuer(ByteView der) {
  const CertificatePointer certificate = certificate_from(der);
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> name(
      OBJ_txt2obj(kIssuerExtension, 1), ASN1_OBJECT_free);
  const int place = certificate ? X509_get_ext_by_OBJ(certificate.get(), name.get(), -1) : -1;
  if (place < 0 || X509_get_ext_by_OBJ(certificate.get(), name.get(), place) >= 0) return {};
  const ASN1_OCTET_STRING* const content =
      X509_EXTENSION_get_data(X509_get_ext(certificate.get(), place));
  const unsigned char* at = ASN1_STRING_get0_data(content);
  const unsigned char* const end = at + ASN1_STRING_length(content);
  const std::unique_ptr<ASN1_UTF8STRING, decltype(&ASN1_UTF8STRING_free)> text(
      d2i_ASN1_UTF8STRING(nullptr, &at, end - at), ASN1_UTF8STRING_free);
  ERR_clear_error();
  if (!text || at != end) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text.get())),
          static_cast<size_t>(ASN1_STRING_length(text.get()))};
}

bool is_identity(const CertificateView& view, std::string_view issuer,
                 const ExpectedIdentity& expected, Findings& findings) {
  const auto is_it = [&](const std::string& name) {
    return name.substr(name.find(':') + 1) == expected.name;
  };
  if (expected.name.empty() || std::ranges::none_of(view.names, is_it)) {
    const std::string other = view.names.empty() ? "nobody" : view.names.front();
    return findings.no(Code::certificate_identity,
                       cat("the certificate is about '", escaped(other), "'"));
  }
  if (issuer.empty() || issuer != expected.issuer) {
    return findings.no(Code::certificate_oidc_issuer,
                       cat("the identity was vouched for by '", escaped(issuer), "'"));
  }
  return true;
}

}  // namespace wmk::sign
