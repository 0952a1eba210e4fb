#include "cli/verify/verify_answer.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "cli/verify/covered_text.h"
#include "cli/verify/uncovered_text.h"
#include "cli/verify/verify_advice.h"

namespace wmk::cli {

namespace {

constexpr size_t kReasonsShown = 50;

void write_signer(const VerifyAnswer& s, json::Writer& out) {
  const auto& signer = s.verdict.signer;
  out.key("signer").begin_object().member("method", s.by_key ? "key" : "certificate");
  out.key("key");
  s.verdict.key_hint.empty() ? out.null() : out.value(s.verdict.key_hint);
  if (signer) {
    out.member("subject", signer->subject).member("issuer", signer->issuer);
    out.key("names").begin_array();
    for (const std::string& name : signer->names) out.value(name);
    out.end_array().member("not_before", sign::time_text(signer->not_before));
    out.member("not_after", sign::time_text(signer->not_after));
    out.member("fingerprint", signer->fingerprint);
  }
  out.end_object();
}

void write_times(const sign::Verdict& verdict, json::Writer& out) {
  out.key("proven_times").begin_array();
  for (const sign::ProvenTime& time : verdict.proven) {
    out.begin_object().member("time", sign::time_text(time.seconds));
    out.member("authority", time.authority).member("key", time.key).end_object();
  }
  out.end_array().key("claimed_times").begin_array();
  for (const int64_t time : verdict.claimed) out.value(sign::time_text(time));
  out.end_array();
}

std::string signer_text(const sign::Verdict& verdict) {
  std::string out;
  if (verdict.signer) {
    out += cat("  signed by ", escaped(verdict.signer->subject));
    for (const std::string& name : verdict.signer->names) out += cat(", ", escaped(name));
    out += cat(", certified by ", escaped(verdict.signer->issuer), "\n");
  } else if (!verdict.key_hint.empty()) {
    out += cat("  signed by key ", verdict.key_hint, "\n");
  }
  return out;
}

std::string times_text(const sign::Verdict& verdict) {
  std::string out;
  for (const sign::ProvenTime& time : verdict.proven) {
    out += cat("  not later than ", sign::time_text(time.seconds), ", proven by ",
               escaped(time.authority), "\n");
  }
  for (const int64_t time : verdict.claimed) {
    out += cat("  at ", sign::time_text(time), ", a timestamp says that was not proven\n");
  }
  return out;
}

std::string reasons_text(const std::vector<sign::Reason>& reasons) {
  std::string out;
  for (size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i) {
    out += cat("  ", word(reasons[i].code), ": ",
               reasons[i].path.empty() ? std::string() : escaped(reasons[i].path) + " ",
               reasons[i].text, "\n");
  }
  if (reasons.size() > kReasonsShown) {
    out += cat("  and ", reasons.size() - kReasonsShown, " more (--json lists all)\n");
  }
  return out;
}

void write_names(std::string_view key, const std::vector<std::string>& names, json::Writer& out) {
  out.key(key).begin_array();
  for (const std::string& name : names) out.value(name);
  out.end_array();
}

void write_release(const sign::Verdict& verdict, json::Writer& out) {
  if (verdict.release) {
    const sign::ReleaseStatement& release = *verdict.release;
    out.key("statement").begin_object().member("licence", release.licence);
    out.member("base_model", release.base_model).member("commitment", release.commitment);
    out.member("tensors", static_cast<uint64_t>(release.tensors.size()));
    out.member("notices", static_cast<uint64_t>(release.notices.size()));
    out.member("key", verdict.release_key_hint).end_object();
  }
  if (!verdict.tensors) return;
  out.key("tensors").begin_object().member("same", verdict.tensors->same);
  out.member("same_weights", verdict.tensors->equal());
  write_names("differs", verdict.tensors->differs, out);
  write_names("missing", verdict.tensors->missing, out);
  write_names("extra", verdict.tensors->extra, out);
  out.end_object();
}

std::string release_lines(const sign::Verdict& verdict) {
  const sign::ReleaseStatement& release = *verdict.release;
  const auto known = [](std::string_view what, const std::string& text) {
    return text.empty() ? std::string() : cat("    ", what, ": ", escaped(text), "\n");
  };
  return cat("  the signer's statement: ", release.tensors.size(), " tensors, ",
             release.notices.size(), release.notices.size() == 1 ? " notice\n" : " notices\n",
             known("licence", release.licence), known("base model", release.base_model),
             known("commitment", release.commitment),
             verdict.release_key_hint == verdict.key_hint
                 ? std::string()
                 : cat("    signed by key ", verdict.release_key_hint, "\n"));
}

std::string tensor_lines(const sign::TensorComparison& tensors, bool files_agree) {
  if (tensors.equal()) {
    return cat("  tensors: all ", tensors.same, " are the same",
               files_agree ? "\n" : ": same weights, other files\n");
  }
  std::string out = cat("  tensors: ", tensors.same, " are the same\n");
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

std::string release_text(const sign::Verdict& verdict) {
  return cat(verdict.release ? release_lines(verdict) : std::string(),
             verdict.tensors ? tensor_lines(*verdict.tensors, verdict.good()) : std::string());
}

}  // namespace

std::string as_json(const VerifyAnswer& s) {
  const sign::Verdict& verdict = s.verdict;
  json::Writer out;
  out.begin_object().member("schema", "weightmark/verify/v1");
  out.member("verdict", verdict.good() ? "good" : "bad").key("reasons").begin_array();
  for (const sign::Reason& reason : verdict.findings.reasons) {
    out.begin_object().member("code", word(reason.code)).member("path", reason.path);
    out.member("text", reason.text).end_object();
  }
  out.end_array().key("notes").begin_array();
  for (const std::string& note : verdict.findings.notes) out.value(note);
  out.end_array().member("signature_holds", verdict.authentic);
  out.member("path", s.model).member("signature", s.signature);
  write_signer(s, out);
  write_times(verdict, out);
  out.member("signed_name", verdict.signed_name).member("root", verdict.root);
  out.member("signed_files", verdict.signed_files);
  out.member("covered_files", static_cast<uint64_t>(verdict.covered.size()));
  out.member("covered_bytes", verdict.covered_bytes);
  write_uncovered(verdict.uncovered, out);
  if (s.identities) write_covered(verdict.covered, out);
  write_release(verdict, out);
  out.key("ignore_paths").begin_array();
  for (const std::string& path : verdict.ignore_paths) out.value(path);
  return out.end_array().member("seconds", s.seconds).end_object().finish();
}

std::string as_text(const VerifyAnswer& s) {
  const sign::Verdict& verdict = s.verdict;
  if (!verdict.authentic) {
    return cat(headline_of_no(s), reasons_text(verdict.findings.reasons), times_text(verdict),
               advice_text(s));
  }
  const std::string rest =
      cat(signer_text(verdict), times_text(verdict), uncovered_text(verdict.uncovered),
          s.identities ? covered_text(verdict.covered) : std::string(), release_text(verdict));
  if (verdict.good()) {
    return cat("good: ", escaped(s.model), " is what was signed\n  ",
               files_text(verdict.covered.size(), verdict.covered_bytes), ", root ", verdict.root,
               "\n", rest);
  }
  const std::string agreeing =
      verdict.signed_files == 0
          ? std::string()
          : cat("  as it was signed: ", verdict.covered.size(), " of ",
                files_text(verdict.signed_files, verdict.covered_bytes), "\n");
  return cat(headline_of_no(s), reasons_text(verdict.findings.reasons), agreeing, rest,
             advice_text(s));
}

}  // namespace wmk::cli
