#include "sign/keyless/fulcio.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "base/text.h"
#include "sign/keyless/sct.h"
#include "sign/keys/certificate.h"
#include "sign/keys/timestamp.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

struct Issuer {
  Bytes der;
  int fault = X509_V_OK;
};

// The certificate that issued the leaf, if its chain to the authority's root is valid at `time`.
Issuer verified_issuer(X509* leaf, const TrustedChain& authority, int64_t time) {
  const StorePointer store = store_of({authority.certificates.back()}, AnchorKind::any);
  const StackPointer others = stack_of(authority.certificates);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  Issuer out{{}, X509_V_ERR_UNSPECIFIED};
  if (!store || !others || !context ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf, others.get()) != 1) {
    return out;
  }
  X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(time));
  const bool good = X509_verify_cert(context.get()) == 1;
  out.fault = X509_STORE_CTX_get_error(context.get());
  STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context.get());
  if (good && sk_X509_num(chain) > 1) out.der = der_of(sk_X509_value(chain, 1));
  ERR_clear_error();
  return out;
}

// By any authority that is trusted for `time`.
Issuer issuer_at(X509* leaf, const TrustedRoot& root, int64_t time) {
  Issuer last{{}, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY};
  for (const TrustedChain& authority : root.authorities) {
    if (!authority.valid.contains(time)) continue;
    Issuer found = verified_issuer(leaf, authority, time);
    if (!found.der.empty()) return found;
    // The reason by the authority that issued it is the most useful one.
    if (last.fault == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) last = std::move(found);
  }
  return last;
}

bool refuse_at(int fault, int64_t time, Findings& findings) {
  const Code code = fault == X509_V_ERR_CERT_HAS_EXPIRED     ? Code::certificate_expired
                    : fault == X509_V_ERR_CERT_NOT_YET_VALID ? Code::certificate_not_yet_valid
                                                             : Code::certificate_untrusted;
  return findings.no(code, cat("the signer's certificate is not valid at ", time_text(time), ": ",
                               X509_verify_cert_error_string(fault)));
}

bool has_root(const std::vector<Bytes>& chain) {
  return without_roots(chain).size() != chain.size();
}

}  // namespace

std::optional<PublicKey> keyless_key(const std::vector<Bytes>& chain, const TrustedRoot& root,
                                     const std::vector<int64_t>& times, Findings& findings) {
  const auto refuse = [&](Code code, std::string text) {
    findings.no(code, std::move(text));
    return std::nullopt;
  };
  const CertificatePointer leaf = certificate_from(chain.front());
  if (!leaf) return refuse(Code::certificate_malformed, "the certificate cannot be read");
  if (has_root(chain)) {
    return refuse(Code::certificate_untrusted, "the bundle contains a root certificate");
  }
  if (times.empty()) return refuse(Code::timestamp_missing, "no time is proven");
  Bytes issuer;
  for (const int64_t time : times) {
    Issuer found = issuer_at(leaf.get(), root, time);
    if (found.der.empty()) {
      refuse_at(found.fault, time, findings);
      return std::nullopt;
    }
    issuer = std::move(found.der);
  }
  if ((X509_get_extension_flags(leaf.get()) & EXFLAG_XKUSAGE) == 0 ||
      (X509_get_extended_key_usage(leaf.get()) & XKU_CODE_SIGN) == 0) {
    return refuse(Code::certificate_usage, "the certificate does not allow code signing");
  }
  if (!has_certificate_timestamp(chain.front(), issuer, root.certificate_logs, findings)) {
    return std::nullopt;
  }
  auto key = certified_key(chain.front(), "the certificate");
  if (!key) return refuse(Code::key_unsupported, key.error().message());
  return std::move(*key);
}

}  // namespace wmk::sign
