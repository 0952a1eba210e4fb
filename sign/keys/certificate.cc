// Verifying a chain; see sign/keys/certificate.h.
#include "sign/keys/certificate.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/text.h"
#include "sign/keys/openssl.h"
#include "sign/keys/timestamp.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

struct ChainResult {
  int fault = X509_V_OK;
  int depth = 0;
  std::optional<CertificateView> faulty;
};

ChainResult verify_chain(X509_STORE* store, X509* leaf, STACK_OF(X509) * others, int64_t time) {
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  ChainResult result{X509_V_ERR_UNSPECIFIED, 0, std::nullopt};
  if (context && X509_STORE_CTX_init(context.get(), store, leaf, others) == 1) {
    X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(time));
    const bool good = X509_verify_cert(context.get()) == 1;
    result = {X509_STORE_CTX_get_error(context.get()),
              X509_STORE_CTX_get_error_depth(context.get()), std::nullopt};
    X509* const faulty = X509_STORE_CTX_get_current_cert(context.get());
    if (!good && faulty != nullptr) {
      if (auto view = view_certificate(der_of(faulty))) result.faulty = std::move(*view);
    }
    if (!good && result.fault == X509_V_OK) result.fault = X509_V_ERR_UNSPECIFIED;
  }
  ERR_clear_error();
  return result;
}

// What is wrong with a certificate, in more detail than OpenSSL's message if possible.
std::string fault_text(const ChainResult& result) {
  if (!result.faulty) return cat("is not valid: ", X509_verify_cert_error_string(result.fault));
  const CertificateView& faulty = *result.faulty;
  switch (result.fault) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return cat("expired on ", time_text(faulty.not_after), ", and no earlier time is proven");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return cat("is not valid before ", time_text(faulty.not_before));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return cat("was issued by '", escaped(faulty.issuer), "', which is neither in the bundle ",
                 "nor among the trusted certificates");
    default:
      return cat("is not valid: ", X509_verify_cert_error_string(result.fault));
  }
}

bool refuse_chain(const ChainResult& result, Findings& findings) {
  const Code code = result.fault == X509_V_ERR_CERT_HAS_EXPIRED ? Code::certificate_expired
                    : result.fault == X509_V_ERR_CERT_NOT_YET_VALID
                        ? Code::certificate_not_yet_valid
                        : Code::certificate_untrusted;
  const std::string which =
      result.depth == 0 ? std::string("the signer's certificate")
                        : cat("the certificate of authority ", result.depth, " above the signer");
  return findings.no(code, cat(which, " ", fault_text(result)));
}

bool may_sign(X509* leaf, const ExpectedSubject& expected, Findings& findings) {
  const uint32_t flags = X509_get_extension_flags(leaf);
  const bool digital =
      (flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) != 0;
  const bool code =
      (flags & EXFLAG_XKUSAGE) != 0 && (X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN) != 0;
  if (code || (digital && !expected.code_signing)) return true;
  return findings.no(Code::certificate_usage, expected.code_signing
                                                  ? "the certificate does not allow code signing"
                                                  : "the certificate does not allow signatures");
}

bool is_expected(const CertificateView& view, const ExpectedSubject& expected, Findings& findings) {
  if (!expected.subject.empty() && view.subject != expected.subject) {
    return findings.no(Code::certificate_subject,
                       cat("the certificate's subject is '", escaped(view.subject), "'"));
  }
  const auto is_it = [&](const std::string& name) {
    return name == expected.name || name.substr(name.find(':') + 1) == expected.name;
  };
  if (!expected.name.empty() && std::ranges::none_of(view.names, is_it)) {
    return findings.no(Code::certificate_san, cat("the certificate does not have the name '",
                                                  escaped(expected.name), "'"));
  }
  return true;
}

}  // namespace

std::optional<PublicKey> trusted_key(const ChainRequest& request, Findings& findings) {
  const auto refuse = [&](Code code, std::string text) {
    findings.no(code, std::move(text));
    return std::nullopt;
  };
  const StackPointer others = stack_of(request.chain);
  const StorePointer store = store_of(request.anchors.certificates);
  if (!others) return refuse(Code::certificate_malformed, "a certificate cannot be read");
  if (!store) return refuse(Code::certificate_untrusted, "a trusted certificate is not usable");
  X509* const leaf = sk_X509_value(others.get(), 0);
  std::vector<int64_t> times = request.times;
  if (times.empty()) times.push_back(static_cast<int64_t>(std::time(nullptr)));
  ChainResult result;
  for (const int64_t time : times) {
    result = verify_chain(store.get(), leaf, others.get(), time);
    if (result.fault == X509_V_OK) break;
  }
  if (result.fault != X509_V_OK) {
    refuse_chain(result, findings);
    return std::nullopt;
  }
  const auto view = view_certificate(request.chain.front());
  if (!view) return refuse(Code::certificate_malformed, view.error().message());
  if (!may_sign(leaf, request.expected, findings) ||
      !is_expected(*view, request.expected, findings)) {
    return std::nullopt;
  }
  auto key = PublicKey::take(KeyPointer(X509_get_pubkey(leaf)), "the certificate");
  if (!key) return refuse(Code::key_unsupported, key.error().message());
  return std::move(*key);
}

}  // namespace wmk::sign
