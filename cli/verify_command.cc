#include <chrono>

#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/uncovered_text.h"
#include "sign/verify_model.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model, signature, public_key;
  std::vector<std::string> chain, authorities, ignore_paths;
  sign::SubjectWanted wanted;
  std::optional<unsigned> timestamps;
  bool ignore_unsigned = false, allow_uncovered = false, allow_symlinks = false, legacy = false;
};

struct Summary {
  const Options& options;
  const sign::Verdict& verdict;
  double seconds;
};

constexpr size_t kReasonsShown = 50;

void write_signer(const Summary& s, json::Writer& out) {
  const auto& signer = s.verdict.signer;
  out.key("signer").begin_object().member("method",
                                          s.options.chain.empty() ? "key" : "certificate");
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

std::string as_json(const Summary& s) {
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
  out.member("path", s.options.model).member("signature", s.options.signature);
  write_signer(s, out);
  write_times(verdict, out);
  out.member("signed_name", verdict.signed_name).member("root", verdict.root);
  out.member("covered_files", verdict.covered_files);
  out.member("covered_bytes", verdict.covered_bytes);
  write_uncovered(verdict.uncovered, out);
  out.key("ignore_paths").begin_array();
  for (const std::string& path : verdict.ignore_paths) out.value(path);
  return out.end_array().member("seconds", s.seconds).end_object().finish();
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

std::string as_text(const Summary& s) {
  const sign::Verdict& verdict = s.verdict;
  const std::string model = escaped(s.options.model);
  if (!verdict.good()) {
    return cat("bad: ", model, " is not what ", escaped(s.options.signature), " speaks for\n",
               reasons_text(verdict.findings.reasons),
               verdict.authentic ? signer_text(verdict) : std::string(),
               uncovered_text(verdict.uncovered));
  }
  return cat("good: ", model, " is what was signed\n  ",
             files_text(verdict.covered_files, verdict.covered_bytes), ", root ", verdict.root,
             "\n", signer_text(verdict), uncovered_text(verdict.uncovered));
}

struct Trust {
  std::optional<sign::PublicKey> key;
  sign::TrustAnchors anchors, authorities;
};

Status read_anchors(const std::vector<std::string>& files, sign::TrustAnchors& anchors) {
  if (files.empty()) return {};
  auto read = sign::read_certificates({files.begin(), files.end()});
  if (!read) return std::move(read).error();
  anchors.certificates = std::move(*read);
  return {};
}

Result<Trust> read_trust(const Options& options) {
  if (options.public_key.empty() == options.chain.empty()) {
    return Error(ErrorCode::invalid_argument,
                 "either --public-key or --certificate-chain says whom to believe");
  }
  if (options.timestamps.value_or(0) > 0 && options.authorities.empty()) {
    return Error(ErrorCode::invalid_argument, "--require-timestamp needs --tsa-ca");
  }
  Trust trust;
  if (!options.public_key.empty()) {
    auto key = sign::PublicKey::read(options.public_key);
    if (!key) return std::move(key).error();
    trust.key = std::move(*key);
  }
  auto status = read_anchors(options.chain, trust.anchors);
  if (status) status = read_anchors(options.authorities, trust.authorities);
  if (!status) return std::move(status).error();
  return trust;
}

sign::VerifyRequest request_of(const Options& options, const Trust& trust) {
  sign::VerifyRequest request;
  request.model = options.model;
  request.signature = options.signature;
  request.key = trust.key ? &*trust.key : nullptr;
  request.anchors = trust.key ? nullptr : &trust.anchors;
  request.wanted = options.wanted;
  request.authorities = options.authorities.empty() ? nullptr : &trust.authorities;
  // Who names an authority wants to hear from it.
  request.timestamps_wanted = options.timestamps.value_or(options.authorities.empty() ? 0 : 1);
  request.ignore_paths = {options.ignore_paths.begin(), options.ignore_paths.end()};
  request.ignore_unsigned_files = options.ignore_unsigned;
  request.allow_uncovered = options.allow_uncovered;
  request.allow_symlinks = options.allow_symlinks;
  request.legacy = options.legacy;
  request.threads = options.common.thread_count();
  return request;
}

int verify_seal(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto trust = read_trust(options);
  if (!trust) return fail(trust.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  sign::VerifyRequest request = request_of(options, *trust);
  request.progress = &bar;
  const auto verdict = sign::verify_model(request);
  if (!verdict) return fail(verdict.error());
  if (!options.common.quiet && !options.common.json) {
    for (const std::string& text : verdict->findings.notes) note(text);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Summary summary{options, *verdict, seconds};
  say(options.common.json ? as_json(summary) : as_text(summary));
  return verdict->good() ? kYes : kNo;
}

void add_trust_options(Command command, Options& options) {
  command.add_option("--public-key", options.public_key, "PEM key that must have signed");
  command.add_option("--certificate-chain", options.chain,
                     "PEM authorities, one of which must have certified the signer");
  command.add_option("--expect-subject", options.wanted.subject,
                     "subject that the certificate must have (RFC 2253)");
  command.add_option("--expect-san", options.wanted.name,
                     "alternative name that the certificate must have");
  command.add_flag("--require-code-signing", options.wanted.code_signing,
                   "the certificate must be one for signing code");
  command.add_option("--tsa-ca", options.authorities,
                     "PEM authorities whose timestamps are believed");
  command.add_option("--require-timestamp", options.timestamps,
                     "by how many of them (default 1 with --tsa-ca)");
}

}  // namespace

void add_verify_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("verify", "is this model what was signed?");
  command.add_option("model", options->model, "folder or file").required();
  command.add_option("--signature", options->signature, "the bundle").required();
  add_trust_options(command, *options);
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder of the model that need not be signed; may be repeated");
  command.add_flag("--ignore-unsigned-files", options->ignore_unsigned,
                   "files that were not signed are told and no fault");
  command.add_flag("--allow-uncovered", options->allow_uncovered,
                   "not even where they look like weights");
  command.add_flag("--allow-symlinks", options->allow_symlinks,
                   "follow links to files inside the model where the signer did");
  command.add_flag("--legacy-v0.2", options->legacy, "the bundle was made by version 0.2");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return verify_seal(*options); }; });
}

}  // namespace wmk::cli
