// The JSON answer of verify; see cli/verify/verify_answer.h and specs/signing.md 7.
#include "base/json.h"
#include "base/text.h"
#include "cli/verify/covered_text.h"
#include "cli/verify/uncovered_text.h"
#include "cli/verify/verification_text.h"
#include "cli/verify/verify_answer.h"

namespace wmk::cli {

namespace {

void write_signer(const VerifyAnswer& s, json::Writer& out) {
  const auto& signer = s.verification.signer;
  const std::string_view method = s.method == TrustMethod::key           ? "key"
                                  : s.method == TrustMethod::certificate ? "certificate"
                                                                         : "keyless";
  out.key("signer").begin_object().member("method", method);
  out.key("key");
  s.verification.key_hint.empty() ? out.null() : out.value(s.verification.key_hint);
  if (signer) {
    out.member("subject", signer->subject).member("issuer", signer->issuer);
    out.key("names").begin_array();
    for (const std::string& name : signer->names) out.value(name);
    out.end_array().member("not_before", sign::time_text(signer->not_before));
    out.member("not_after", sign::time_text(signer->not_after));
    out.member("fingerprint", signer->fingerprint);
  }
  if (signer && s.method == TrustMethod::keyless) {
    out.member("oidc_issuer", s.verification.identity_issuer);
  }
  out.end_object();
}

// What only verifications with a trusted root have.
void write_logged(const sign::Verification& verification, json::Writer& out) {
  out.key("log_entries").begin_array();
  for (const sign::LoggedEntry& entry : verification.entries) {
    out.begin_object().member("log", entry.log).member("index", entry.index).end_object();
  }
  out.end_array();
  if (!verification.artifact) return;
  out.key("artifact").begin_object().member("sha256", to_hex(verification.artifact->sha256));
  out.key("predicate_type");
  const std::string& type = verification.artifact->predicate_type;
  (type.empty() ? out.null() : out.value(type)).end_object();
}

void write_names(std::string_view key, const std::vector<std::string>& names, json::Writer& out) {
  out.key(key).begin_array();
  for (const std::string& name : names) out.value(name);
  out.end_array();
}

void write_release(const sign::Verification& verification, json::Writer& out) {
  if (verification.release) {
    const sign::ReleaseStatement& release = *verification.release;
    out.key("statement").begin_object().member("licence", release.licence);
    out.member("base_model", release.base_model).member("commitment", release.commitment);
    if (release.mark) {
      out.key("mark").begin_object().member("scheme", release.mark->scheme);
      out.member("strength", release.mark->strength).member("shares", release.mark->shares);
      write_names("sites", release.mark->sites, out);
      out.member("base", to_hex(release.mark->base)).end_object();
    }
    out.member("tensors", static_cast<uint64_t>(release.tensors.size()));
    out.member("notices", static_cast<uint64_t>(release.notices.size()));
    out.member("key", verification.release_key_hint).end_object();
  }
  if (!verification.tensors) return;
  out.key("tensors").begin_object().member("same", verification.tensors->same);
  out.member("same_weights", verification.tensors->equal());
  write_names("differs", verification.tensors->differs, out);
  write_names("missing", verification.tensors->missing, out);
  write_names("extra", verification.tensors->extra, out);
  out.end_object();
}

}  // namespace

std::string as_json(const VerifyAnswer& s) {
  const sign::Verification& verification = s.verification;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/verify/v1");
  write_findings(verification.findings, out);
  out.member("signature_holds", verification.authentic);
  out.member("path", s.model).member("signature", s.signature);
  write_signer(s, out);
  write_times(verification, out);
  if (s.trusted_root) write_logged(verification, out);
  out.member("signed_name", verification.signed_name).member("root", verification.root);
  out.member("signed_files", verification.signed_files);
  out.member("covered_files", static_cast<uint64_t>(verification.covered.size()));
  out.member("covered_bytes", verification.covered_bytes);
  write_uncovered(verification.uncovered, out);
  if (s.identities) write_covered(verification.covered, out);
  write_release(verification, out);
  out.key("ignore_paths").begin_array();
  for (const std::string& path : verification.ignore_paths) out.value(path);
  return out.end_array().member("seconds", s.seconds).end_object().finish();
}

}  // namespace wmk::cli
