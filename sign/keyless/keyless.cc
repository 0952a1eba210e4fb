#include "sign/keyless/keyless.h"

#include <ctime>
#include <set>

#include "base/text.h"
#include "sign/keyless/fulcio.h"
#include "sign/keyless/proven_times.h"
#include "sign/keyless/rekor.h"

namespace wmk::sign {

namespace {

std::vector<int64_t> seconds_of(const std::vector<ProvenTime>& times) {
  std::vector<int64_t> out;
  for (const ProvenTime& time : times) out.push_back(time.seconds);
  return out;
}

// The key of the certificate, which must be valid at all proven times.
std::optional<PublicKey> certificate_key(const KeylessRequest& request, KeylessAnswer& answer,
                                         Findings& findings) {
  const std::vector<Bytes>& chain = request.bundle.certificates;
  auto view = view_certificate(chain.front());
  if (!view) {
    findings.no(Code::certificate_malformed, view.error().message());
    return std::nullopt;
  }
  answer.signer = std::move(*view);
  answer.issuer = identity_issuer(chain.front());
  return keyless_key(chain, request.root, seconds_of(answer.proven), findings);
}

// A log that the trusted root has, at the earliest proven time or, without one, now.
bool is_valid_log(const TrustedLog& log, const KeylessAnswer& answer) {
  const auto now = static_cast<int64_t>(std::time(nullptr));
  return log.valid.contains(answer.proven.empty() ? now : answer.proven.front().seconds);
}

bool is_logged(const KeylessRequest& request, const BundleSignature& signature,
               KeylessAnswer& answer, Findings& findings) {
  std::set<std::string> operators;
  for (const LogEntry& entry : request.bundle.entries) {
    const TrustedLog* const log = log_of(entry, request.root);
    if (log == nullptr || !is_valid_log(*log, answer)) {
      findings.note(log == nullptr ? std::string("an entry is of a log that is not trusted")
                                   : cat("the log ", escaped(log->name),
                                         " was not trusted when the signature was made"));
      continue;
    }
    if (!is_about(entry, signature, findings) || !is_included(entry, *log, findings)) return false;
    answer.entries.push_back({log->name, entry.index});
    operators.insert(log->operator_name);
  }
  if (operators.size() >= request.logs_required) return true;
  return findings.no(Code::log_missing, cat(operators.size(), " of ", request.logs_required,
                                            " required entries in logs of different operators"));
}

bool has_times(const KeylessRequest& request, KeylessAnswer& answer, Findings& findings) {
  std::set<std::string> operators;
  if (!read_times(request, answer, operators, findings)) return false;
  const unsigned required = request.key == nullptr ? request.times_required : 0;
  return operators.size() >= required ||
         findings.no(Code::timestamp_missing,
                     cat(operators.size(), " of ", required,
                         " required proofs of time by different operators"));
}

}  // namespace

bool verify_keyless(const KeylessRequest& request, KeylessAnswer& answer, Findings& findings) {
  if (!has_times(request, answer, findings)) return false;
  std::optional<PublicKey> certified;
  if (request.key == nullptr) {
    certified = certificate_key(request, answer, findings);
    if (!certified) return false;
  }
  const PublicKey& key = request.key == nullptr ? *certified : *request.key;
  answer.key_hint = key.hint();
  const ByteView certificate =
      request.key == nullptr ? ByteView(request.bundle.certificates.front()) : ByteView();
  const BundleSignature signature{key, certificate, request.bundle.signature, request.content};
  if (!signature.holds()) {
    return findings.no(Code::signature_invalid, "the signature was not made by this key");
  }
  return is_logged(request, signature, answer, findings) &&
         (request.key != nullptr ||
          is_identity(*answer.signer, answer.issuer, request.identity, findings));
}

}  // namespace wmk::sign
