#include "cli/verify/verify_answer.h"

#include <algorithm>

#include "base/text.h"
#include "cli/verify/covered_text.h"
#include "cli/verify/uncovered_text.h"
#include "cli/verify/verification_text.h"
#include "cli/verify/verify_advice.h"

namespace wmk::cli {

namespace {

std::string logged_text(const sign::Verification& verification) {
  std::string out;
  for (const sign::LoggedEntry& entry : verification.entries) {
    out += cat("  entry ", entry.index, " of the log ", escaped(entry.log), "\n");
  }
  return out;
}

std::string release_lines(const sign::Verification& verification) {
  const sign::ReleaseStatement& release = *verification.release;
  const auto known = [](std::string_view what, const std::string& text) {
    return text.empty() ? std::string() : cat("    ", what, ": ", escaped(text), "\n");
  };
  return cat(
      "  release statement: ", release.tensors.size(), " tensors, ", release.notices.size(),
      release.notices.size() == 1 ? " notice\n" : " notices\n", known("licence", release.licence),
      known("base model", release.base_model), known("commitment", release.commitment),
      release.mark ? cat("    mark: ", escaped(release.mark->scheme), ", ", release.mark->shares,
                         release.mark->shares == 1 ? " share" : " shares", ", unmarked base ",
                         to_hex(release.mark->base), "\n")
                   : std::string(),
      verification.release_key_hint == verification.key_hint
          ? std::string()
          : cat("    signed by key ", verification.release_key_hint, "\n"));
}

std::string tensor_lines(const sign::TensorComparison& tensors, bool files_agree) {
  if (tensors.equal()) {
    return cat("  tensors: all ", tensors.same, " match",
               files_agree ? "\n" : ": same weights, different files\n");
  }
  std::string out = cat("  tensors: ", tensors.same, " match\n");
  const auto list = [&](std::string_view what, const std::vector<std::string>& names) {
    for (size_t i = 0; i < std::min(names.size(), kReasonsShown); ++i) {
      out += cat("    ", what, ": ", escaped(names[i]), "\n");
    }
    if (names.size() > kReasonsShown)
      out += cat("    and ", names.size() - kReasonsShown, " more\n");
  };
  list("differs", tensors.differs);
  list("missing", tensors.missing);
  list("extra", tensors.extra);
  return out;
}

std::string release_text(const sign::Verification& verification) {
  return cat(verification.release ? release_lines(verification) : std::string(),
             verification.tensors ? tensor_lines(*verification.tensors, verification.good())
                                  : std::string());
}

std::string artifact_text(const VerifyAnswer& s) {
  const sign::Verification& verification = s.verification;
  const sign::SignedArtifact& artifact = *verification.artifact;
  const std::string found =
      cat(signer_text(verification), times_text(verification), logged_text(verification));
  if (!verification.good()) {
    return cat(headline_of_no(s), reasons_text(verification.findings.reasons),
               verification.authentic ? found : times_text(verification), advice_text(s));
  }
  return cat("good: ", escaped(s.model), " is what was signed\n  SHA-256 ", to_hex(artifact.sha256),
             "\n", found,
             artifact.predicate_type.empty()
                 ? std::string()
                 : cat("  subject of a statement of type ", escaped(artifact.predicate_type),
                       ", whose content was not judged\n"));
}

}  // namespace

std::string as_text(const VerifyAnswer& s) {
  const sign::Verification& verification = s.verification;
  if (verification.artifact) return artifact_text(s);
  if (!verification.authentic) {
    return cat(headline_of_no(s), reasons_text(verification.findings.reasons),
               times_text(verification), advice_text(s));
  }
  const std::string rest = cat(signer_text(verification), times_text(verification),
                               logged_text(verification), uncovered_text(verification.uncovered),
                               s.identities ? covered_text(verification.covered) : std::string(),
                               release_text(verification));
  if (verification.good()) {
    return cat("good: ", escaped(s.model), " is what was signed\n  ",
               files_text(verification.covered.size(), verification.covered_bytes), ", root ",
               verification.root, "\n", rest);
  }
  const std::string agreeing =
      verification.signed_files == 0
          ? std::string()
          : cat("  unchanged: ", verification.covered.size(), " of ",
                files_text(verification.signed_files, verification.covered_bytes), "\n");
  return cat(headline_of_no(s), reasons_text(verification.findings.reasons), agreeing, rest,
             advice_text(s));
}

}  // namespace wmk::cli
