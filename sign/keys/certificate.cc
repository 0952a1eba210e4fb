// Judging a chain; see sign/keys/certificate.h.
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

struct ChainAnswer {
  int fault = X509_V_OK;
  int depth = 0;
  std::optional<CertificateView> culprit;
};

ChainAnswer ask_chain(X509_STORE* store, X509* leaf, STACK_OF(X509) * others, int64_t time) {
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  ChainAnswer answer{X509_V_ERR_UNSPECIFIED, 0, std::nullopt};
  if (context && X509_STORE_CTX_init(context.get(), store, leaf, others) == 1) {
    X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(time));
    const bool good = X509_verify_cert(context.get()) == 1;
    answer = {X509_STORE_CTX_get_error(context.get()),
              X509_STORE_CTX_get_error_depth(context.get()), std::nullopt};
    X509* const culprit = X509_STORE_CTX_get_current_cert(context.get());
    if (!good && culprit != nullptr) {
      if (auto view = view_certificate(der_of(culprit))) answer.culprit = std::move(*view);
    }
    if (!good && answer.fault == X509_V_OK) answer.fault = X509_V_ERR_UNSPECIFIED;
  }
  ERR_clear_error();
  return answer;
}

// What is wrong with a certificate, where more can be said than OpenSSL's sentence.
std::string fault_text(const ChainAnswer& answer) {
  if (!answer.culprit) return cat("does not hold: ", X509_verify_cert_error_string(answer.fault));
  const CertificateView& culprit = *answer.culprit;
  switch (answer.fault) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return cat("ran out on ", time_text(culprit.not_after), ", and no time before is proven");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return cat("begins on ", time_text(culprit.not_before), ", which is not yet");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return cat("was issued by '", escaped(culprit.issuer), "', which is neither in the bundle ",
                 "nor an authority that was named");
    default:
      return cat("does not hold: ", X509_verify_cert_error_string(answer.fault));
  }
}

bool refuse_chain(const ChainAnswer& answer, Findings& findings) {
  const Code code = answer.fault == X509_V_ERR_CERT_HAS_EXPIRED ? Code::certificate_expired
                    : answer.fault == X509_V_ERR_CERT_NOT_YET_VALID
                        ? Code::certificate_not_yet_valid
                        : Code::certificate_untrusted;
  const std::string which =
      answer.depth == 0 ? std::string("the signer's certificate")
                        : cat("the certificate of authority ", answer.depth, " above the signer");
  return findings.no(code, cat(which, " ", fault_text(answer)));
}

bool may_sign(X509* leaf, const SubjectWanted& wanted, Findings& findings) {
  const uint32_t flags = X509_get_extension_flags(leaf);
  const bool digital =
      (flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) != 0;
  const bool code =
      (flags & EXFLAG_XKUSAGE) != 0 && (X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN) != 0;
  if (code || (digital && !wanted.code_signing)) return true;
  return findings.no(Code::certificate_usage, wanted.code_signing
                                                  ? "the certificate is not for signing code"
                                                  : "the certificate is not for signatures");
}

bool is_wanted(const CertificateView& view, const SubjectWanted& wanted, Findings& findings) {
  if (!wanted.subject.empty() && view.subject != wanted.subject) {
    return findings.no(Code::certificate_subject,
                       cat("the certificate names '", escaped(view.subject), "'"));
  }
  const auto is_it = [&](const std::string& name) {
    return name == wanted.name || name.substr(name.find(':') + 1) == wanted.name;
  };
  if (!wanted.name.empty() && std::ranges::none_of(view.names, is_it)) {
    return findings.no(Code::certificate_san,
                       cat("the certificate does not have the name '", escaped(wanted.name), "'"));
  }
  return true;
}

}  // namespace

std::optional<PublicKey> trusted_key(const ChainQuestion& question, Findings& findings) {
  const auto refuse = [&](Code code, std::string text) {
    findings.no(code, std::move(text));
    return std::nullopt;
  };
  const StackPointer others = stack_of(question.chain);
  const StorePointer store = store_of(question.anchors.certificates);
  if (!others) return refuse(Code::certificate_malformed, "a certificate cannot be read");
  if (!store) return refuse(Code::certificate_untrusted, "an anchor cannot be used");
  X509* const leaf = sk_X509_value(others.get(), 0);
  std::vector<int64_t> times = question.times;
  if (times.empty()) times.push_back(static_cast<int64_t>(std::time(nullptr)));
  ChainAnswer answer;
  for (const int64_t time : times) {
    answer = ask_chain(store.get(), leaf, others.get(), time);
    if (answer.fault == X509_V_OK) break;
  }
  if (answer.fault != X509_V_OK) {
    refuse_chain(answer, findings);
    return std::nullopt;
  }
  const auto view = view_certificate(question.chain.front());
  if (!view) return refuse(Code::certificate_malformed, view.error().message());
  if (!may_sign(leaf, question.wanted, findings) || !is_wanted(*view, question.wanted, findings)) {
    return std::nullopt;
  }
  auto key = PublicKey::take(KeyPointer(X509_get_pubkey(leaf)), "the certificate");
  if (!key) return refuse(Code::key_unsupported, key.error().message());
  return std::move(*key);
}

}  // namespace wmk::sign
