#include "cli/verify/verify_advice.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::cli {

namespace {

using sign::Code;

std::string of_certificate(const VerifyAnswer& answer, Code code) {
  if (code == Code::certificate_expired && !answer.verification.claimed.empty()) {
    return "--tsa-ca CA.pem proves an earlier time, if you trust the authority of its timestamp";
  }
  if (code == Code::certificate_expired) {
    return "ask the publisher for a timestamp or a new signature";
  }
  if (code == Code::certificate_not_yet_valid) return "check the clock of this machine";
  return "use the publisher's root for --certificate-chain, from a source that you trust";
}

std::string of_material(std::optional<sign::Bundle::Material> material) {
  using Material = sign::Bundle::Material;
  if (!material) return "check that this is the publisher's bundle and that it is complete";
  if (*material == Material::public_key) return "use --public-key KEY.pem to verify a key";
  if (*material == Material::certificates) {
    return "use --certificate-chain CA.pem to verify a certificate";
  }
  return "use --trusted-root ROOT.json to verify a keyless bundle";
}

std::string of_files(const VerifyAnswer& answer, Code code) {
  switch (code) {
    case Code::file_differs:
      return answer.verification.release ? "get the files that differ from the publisher again"
                                         : "get the files that differ again; --statement FILE "
                                           "--tensors lists the tensors that differ";
    case Code::file_missing:
      return "get the missing files from the publisher";
    case Code::file_extra:
      return "remove the unsigned files, or accept them with --ignore-unsigned-files";
    case Code::file_changed:
      return "try again when no program writes to the model";
    case Code::weights_uncovered:
      return "do not load these files; --allow-uncovered accepts them";
    default:
      return {};
  }
}

// For a bundle verified with a trusted root.
std::string of_keyless(Code code) {
  switch (code) {
    case Code::certificate_identity:
    case Code::certificate_oidc_issuer:
      return "ask the publisher who signs its releases; do not take the name from the bundle";
    case Code::certificate_untrusted:
    case Code::certificate_transparency:
    case Code::certificate_expired:
    case Code::certificate_not_yet_valid:
    case Code::timestamp_missing:
    case Code::log_missing:
      return "check that the trusted root is up to date and of the instance that signed";
    case Code::log_entry:
    case Code::log_proof:
      return "get the bundle from the publisher again";
    case Code::artifact_differs:
      return "get the file from the publisher again";
    default:
      return {};
  }
}

std::string advice(const VerifyAnswer& answer, Code code) {
  if (const std::string keyless = of_keyless(code); answer.trusted_root && !keyless.empty()) {
    return keyless;
  }
  switch (code) {
    case Code::key_hint:
    case Code::signature_invalid:
      return answer.method == TrustMethod::key
                 ? "compare your key with the publisher's: openssl pkey -pubin -in KEY "
                   "-pubout | sha256sum"
                 : "get the bundle from the publisher again";
    case Code::verification_material:
      return of_material(answer.verification.material);
    case Code::certificate_expired:
    case Code::certificate_not_yet_valid:
    case Code::certificate_untrusted:
      return of_certificate(answer, code);
    case Code::timestamp_missing:
      return "name each timestamp authority that you trust with --tsa-ca";
    case Code::bundle_malformed:
    case Code::media_type:
      return "check that this is the publisher's bundle and that it is complete";
    case Code::predicate_type:
      return "name the model's signature; a release statement belongs to --statement";
    case Code::own_statement:
      return "get the statement of this release again; if it has its own key, name it with "
             "--statement-key";
    default:
      return of_files(answer, code);
  }
}

bool only(const sign::Verification& verification, std::initializer_list<Code> codes) {
  return std::ranges::all_of(verification.findings.reasons, [&](const sign::Reason& reason) {
    return std::ranges::find(codes, reason.code) != codes.end();
  });
}

}  // namespace

std::string headline_of_no(const VerifyAnswer& answer) {
  const sign::Verification& verification = answer.verification;
  const std::string model = escaped(answer.model), signature = escaped(answer.signature);
  if (verification.artifact) return cat("bad: ", model, " is not what ", signature, " signs\n");
  if (!verification.authentic) {
    return cat("bad: the signature ", signature, " is not valid; the files of ", model,
               " were not checked\n");
  }
  if (only(verification, {Code::predicate_type, Code::statement_type})) {
    return cat("bad: ", signature, " is signed, but is no signature of a model; the files of ",
               model, " were not checked\n");
  }
  if (only(verification, {Code::own_statement})) {
    return cat("bad: ", model, " matches ", signature,
               ", but the release statement is not valid\n");
  }
  if (only(verification, {Code::timestamp_missing})) {
    return cat("bad: ", model, " matches ", signature, ", but required timestamps are missing\n");
  }
  if (verification.covered.size() == verification.signed_files &&
      only(verification, {Code::file_extra, Code::weights_uncovered, Code::symlink,
                          Code::special_file, Code::file_name})) {
    return cat("bad: ", model, " contains files that ", signature, " does not cover\n");
  }
  return cat("bad: ", model, " does not match ", signature, "\n");
}

std::string advice_text(const VerifyAnswer& answer) {
  for (const sign::Reason& reason : answer.verification.findings.reasons) {
    const std::string next = advice(answer, reason.code);
    if (!next.empty()) return cat("  next: ", next, "\n");
  }
  return {};
}

}  // namespace wmk::cli
