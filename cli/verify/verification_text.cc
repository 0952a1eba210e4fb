#include "cli/verify/verification_text.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::cli {

std::string signer_text(const sign::Verification& verification) {
  std::string out;
  if (verification.signer && !verification.identity_issuer.empty()) {
    out += "  signed by";
    for (const std::string& name : verification.signer->names) out += cat(" ", escaped(name));
    out += cat(", an identity confirmed by ", escaped(verification.identity_issuer), "\n");
  } else if (verification.signer) {
    out += cat("  signed by ", escaped(verification.signer->subject));
    for (const std::string& name : verification.signer->names) out += cat(", ", escaped(name));
    out += cat(", certified by ", escaped(verification.signer->issuer), "\n");
  } else if (!verification.key_hint.empty()) {
    out += cat("  signed by key ", verification.key_hint, "\n");
  }
  return out;
}

std::string times_text(const sign::Verification& verification) {
  std::string out;
  for (const sign::ProvenTime& time : verification.proven) {
    out += cat("  signed no later than ", sign::time_text(time.seconds), ", proven by ",
               escaped(time.authority), "\n");
  }
  for (const int64_t time : verification.claimed) {
    out += cat("  claimed time: ", sign::time_text(time), ", not covered by a trusted timestamp\n");
  }
  return out;
}

std::string reasons_text(const std::vector<sign::Reason>& reasons) {
  std::string out;
  for (size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i) {
    out += cat("  ", to_string(reasons[i].code), ": ",
               reasons[i].path.empty() ? std::string() : escaped(reasons[i].path) + " ",
               reasons[i].text, "\n");
  }
  if (reasons.size() > kReasonsShown) {
    out += cat("  and ", reasons.size() - kReasonsShown, " more (--json lists all)\n");
  }
  return out;
}

void write_findings(const sign::Findings& findings, json::Writer& out) {
  out.member("verdict", findings.good() ? "good" : "bad").key("reasons").begin_array();
  for (const sign::Reason& reason : findings.reasons) {
    out.begin_object().member("code", to_string(reason.code)).member("path", reason.path);
    out.member("text", reason.text).end_object();
  }
  out.end_array().key("notes").begin_array();
  for (const std::string& note : findings.notes) out.value(note);
  out.end_array();
}

void write_times(const sign::Verification& verification, json::Writer& out) {
  out.key("proven_times").begin_array();
  for (const sign::ProvenTime& time : verification.proven) {
    out.begin_object().member("time", sign::time_text(time.seconds));
    out.member("authority", time.authority).member("key", time.key).end_object();
  }
  out.end_array().key("claimed_times").begin_array();
  for (const int64_t time : verification.claimed) out.value(sign::time_text(time));
  out.end_array();
}

}  // namespace wmk::cli
