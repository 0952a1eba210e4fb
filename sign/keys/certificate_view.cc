// Reading certificates and their content; see sign/keys/certificate.h.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/file.h"
#include "base/text.h"
#include "sign/digest.h"
#include "sign/keys/certificate.h"
#include "sign/keys/openssl.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

constexpr uint64_t kCertificateFileBytesMax = 1 << 20;

std::string name_text(const X509_NAME* name) {
  const BioPointer bio = memory_bio();
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return content_of(bio.get());
}

int64_t unix_seconds(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<int64_t>(timegm(&parts)) : 0;
}

std::vector<std::string> alternative_names(X509* leaf) {
  std::vector<std::string> out;
  auto* const names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    const char* const kind = name->type == GEN_EMAIL ? "email:"
                             : name->type == GEN_DNS ? "dns:"
                             : name->type == GEN_URI ? "uri:"
                                                     : nullptr;
    if (kind == nullptr) continue;
    const ASN1_IA5STRING* const text = name->d.ia5;
    out.push_back(
        cat(kind, std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                   static_cast<size_t>(ASN1_STRING_length(text)))));
  }
  GENERAL_NAMES_free(names);
  return out;
}

CertificateView view_of(X509* leaf, ByteView der) {
  CertificateView view;
  view.subject = name_text(X509_get_subject_name(leaf));
  view.issuer = name_text(X509_get_issuer_name(leaf));
  view.names = alternative_names(leaf);
  view.not_before = unix_seconds(X509_get0_notBefore(leaf));
  view.not_after = unix_seconds(X509_get0_notAfter(leaf));
  view.fingerprint = to_hex(sha256(der));
  return view;
}

Error no_certificate(std::string_view name) {
  return Error(ErrorCode::malformed, cat(name, ": not a certificate"));
}

}  // namespace

Result<std::vector<Bytes>> read_certificates(const std::vector<std::filesystem::path>& files) {
  std::vector<Bytes> out;
  for (const std::filesystem::path& file : files) {
    auto text = read_text(file, kCertificateFileBytesMax);
    if (!text) return std::move(text).error();
    const size_t before = out.size();
    const BioPointer bio = bio_over(as_bytes(*text));
    while (
        const CertificatePointer found{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
      out.push_back(der_of(found.get()));
    }
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!ended || out.size() == before) {
      return Error(ErrorCode::malformed,
                   cat(escaped(file.string()), ": contains no PEM certificate, or a damaged one"));
    }
  }
  return out;
}

std::vector<Bytes> without_roots(std::vector<Bytes> chain) {
  const auto is_root = [](const Bytes& der) {
    const CertificatePointer certificate = certificate_from(der);
    return certificate && (X509_get_extension_flags(certificate.get()) & EXFLAG_SS) != 0;
  };
  if (!chain.empty())
    chain.erase(std::remove_if(chain.begin() + 1, chain.end(), is_root), chain.end());
  return chain;
}

Result<CertificateView> view_certificate(ByteView der) {
  const CertificatePointer leaf = certificate_from(der);
  if (!leaf) return no_certificate("the signer's certificate");
  return view_of(leaf.get(), der);
}

Result<PublicKey> certified_key(ByteView der, std::string_view name) {
  const CertificatePointer leaf = certificate_from(der);
  if (!leaf) return no_certificate(name);
  return PublicKey::take(KeyPointer(X509_get_pubkey(leaf.get())), name);
}

}  // namespace wmk::sign
