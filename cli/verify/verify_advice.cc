#include "cli/verify/verify_advice.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::cli {

namespace {

using sign::Code;

std::string of_certificate(const VerifyAnswer& answer, Code code) {
  if (code == Code::certificate_expired && !answer.verdict.claimed.empty()) {
    return "--tsa-ca CA.pem, if you believe the authority of its timestamp, proves an earlier time";
  }
  if (code == Code::certificate_expired) {
    return "ask the publisher for a seal with a timestamp, or a new seal";
  }
  if (code == Code::certificate_not_yet_valid) return "look whether this machine's clock is right";
  return "--certificate-chain names the root that the publisher tells you, and no other";
}

std::string of_files(const VerifyAnswer& answer, Code code) {
  switch (code) {
    case Code::file_differs:
      return answer.verdict.release ? "get the files that differ from the publisher again"
                                    : "get the files that differ again; --statement FILE "
                                      "--tensors tells which tensors";
    case Code::file_missing:
      return "get the missing files from the publisher";
    case Code::file_extra:
      return "remove what was not signed, or tell it without fault by --ignore-unsigned-files";
    case Code::file_changed:
      return "ask again when nothing writes to the model";
    case Code::weights_uncovered:
      return "do not load these; --allow-uncovered tells them without fault";
    default:
      return {};
  }
}

std::string advice(const VerifyAnswer& answer, Code code) {
  switch (code) {
    case Code::key_hint:
    case Code::signature_invalid:
      return answer.by_key ? "compare your key with the publisher's: openssl pkey -pubin -in KEY "
                             "-pubout | sha256sum"
                           : "get the bundle from the publisher again";
    case Code::verification_material:
      return answer.by_key ? "--certificate-chain CA.pem asks by certificate"
                           : "--public-key KEY.pem asks by key";
    case Code::certificate_expired:
    case Code::certificate_not_yet_valid:
    case Code::certificate_untrusted:
      return of_certificate(answer, code);
    case Code::timestamp_missing:
      return "--tsa-ca names each authority of time that you believe";
    case Code::bundle_malformed:
    case Code::media_type:
      return "look whether this is the publisher's bundle, and whole";
    case Code::own_statement:
      return "get the statement of this release again; --statement-key names its own key, "
             "where it has one";
    default:
      return of_files(answer, code);
  }
}

bool only(const sign::Verdict& verdict, std::initializer_list<Code> codes) {
  return std::ranges::all_of(verdict.findings.reasons, [&](const sign::Reason& reason) {
    return std::ranges::find(codes, reason.code) != codes.end();
  });
}

}  // namespace

std::string headline_of_no(const VerifyAnswer& answer) {
  const sign::Verdict& verdict = answer.verdict;
  const std::string model = escaped(answer.model), signature = escaped(answer.signature);
  if (!verdict.authentic) {
    return cat("bad: ", signature, " is not to be believed; the files of ", model,
               " were not looked at\n");
  }
  if (only(verdict, {Code::own_statement})) {
    return cat("bad: ", model, " is what ", signature,
               " speaks for, but the statement beside it does not hold\n");
  }
  if (only(verdict, {Code::timestamp_missing})) {
    return cat("bad: ", model, " is what ", signature,
               " speaks for, but when it was signed is not proven\n");
  }
  if (verdict.covered.size() == verdict.signed_files &&
      only(verdict, {Code::file_extra, Code::weights_uncovered, Code::symlink, Code::special_file,
                     Code::file_name})) {
    return cat("bad: ", model, " holds more than ", signature, " speaks for\n");
  }
  return cat("bad: ", model, " is not what ", signature, " speaks for\n");
}

std::string advice_text(const VerifyAnswer& answer) {
  for (const sign::Reason& reason : answer.verdict.findings.reasons) {
    const std::string next = advice(answer, reason.code);
    if (!next.empty()) return cat("  next: ", next, "\n");
  }
  return {};
}

}  // namespace wmk::cli
