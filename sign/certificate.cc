#include "sign/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/file.h"
#include "base/text.h"
#include "sign/digest.h"
#include "sign/openssl.h"
#include "sign/x509.h"

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

struct ChainAnswer {
  int fault = X509_V_OK;
  int depth = 0;
};

ChainAnswer ask_chain(X509_STORE* store, X509* leaf, STACK_OF(X509) * others, int64_t time) {
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  ChainAnswer answer{X509_V_ERR_UNSPECIFIED, 0};
  if (context && X509_STORE_CTX_init(context.get(), store, leaf, others) == 1) {
    X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(time));
    const bool good = X509_verify_cert(context.get()) == 1;
    answer = {X509_STORE_CTX_get_error(context.get()),
              X509_STORE_CTX_get_error_depth(context.get())};
    if (!good && answer.fault == X509_V_OK) answer.fault = X509_V_ERR_UNSPECIFIED;
  }
  ERR_clear_error();
  return answer;
}

bool refuse_chain(const ChainAnswer& answer, Findings& findings) {
  const Code code = answer.fault == X509_V_ERR_CERT_HAS_EXPIRED ? Code::certificate_expired
                    : answer.fault == X509_V_ERR_CERT_NOT_YET_VALID
                        ? Code::certificate_not_yet_valid
                        : Code::certificate_untrusted;
  const std::string which =
      answer.depth == 0 ? std::string("the signer's certificate")
                        : cat("the certificate of authority ", answer.depth, " above the signer");
  return findings.no(code, cat(which, ": ", X509_verify_cert_error_string(answer.fault)));
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
      return Error(
          ErrorCode::malformed,
          cat(escaped(file.string()), ": there is no PEM certificate in it, or a damaged", " one"));
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
  if (!may_sign(leaf, question.wanted, findings) ||
      !is_wanted(view_of(leaf, question.chain.front()), question.wanted, findings)) {
    return std::nullopt;
  }
  auto key = PublicKey::take(KeyPointer(X509_get_pubkey(leaf)), "the certificate");
  if (!key) return refuse(Code::key_unsupported, key.error().message());
  return std::move(*key);
}

}  // namespace wmk::sign
