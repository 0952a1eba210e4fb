#include "base/file.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/verify/verify_answer.h"
#include "sign/verify_model.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model, signature, public_key, statement, statement_key;
  std::vector<std::string> chain, authorities, ignore_paths;
  sign::SubjectWanted wanted;
  std::optional<unsigned> timestamps;
  bool ignore_unsigned = false, allow_uncovered = false, allow_symlinks = false, legacy = false;
  bool tensors = false, identities = false;
};

struct Trust {
  std::optional<sign::PublicKey> key;
  std::optional<crypto::Ed25519PublicKey> statement_key;
  sign::TrustAnchors anchors, authorities;
};

Status read_anchors(const std::vector<std::string>& files, sign::TrustAnchors& anchors) {
  if (files.empty()) return {};
  auto read = sign::read_certificates({files.begin(), files.end()});
  if (!read) return std::move(read).error();
  anchors.certificates = std::move(*read);
  return {};
}

// The key's line itself, short enough to be pasted, or a file. No file that begins so is asked for
// by accident: ./ in front of its name says that it is one.
Result<crypto::Ed25519PublicKey> read_statement_key(const std::string& given) {
  auto pasted = crypto::Ed25519PublicKey::from_text(given);
  return pasted ? std::move(pasted) : crypto::Ed25519PublicKey::read(given);
}

Result<Trust> read_trust(const Options& options) {
  if (options.public_key.empty() == options.chain.empty()) {
    return Error(ErrorCode::invalid_argument,
                 "either --public-key or --certificate-chain says whom to believe")
        .with_hint("the publisher tells it elsewhere: what a bundle says of itself proves nothing");
  }
  if (options.timestamps.value_or(0) > 0 && options.authorities.empty()) {
    return Error(ErrorCode::invalid_argument, "--require-timestamp needs --tsa-ca");
  }
  const sign::SubjectWanted& wanted = options.wanted;
  if (options.chain.empty() &&
      (!wanted.subject.empty() || !wanted.name.empty() || wanted.code_signing)) {
    return Error(ErrorCode::invalid_argument,
                 "what a certificate must be is asked with --certificate-chain only");
  }
  if (options.tensors && options.statement.empty()) {
    return Error(ErrorCode::invalid_argument, "--tensors needs --statement");
  }
  if (!options.statement_key.empty() && options.statement.empty()) {
    return Error(ErrorCode::invalid_argument, "--statement-key needs --statement");
  }
  if (!options.statement.empty()) {
    auto there = ReadFile::open(options.statement);  // not only after all has been hashed
    if (!there) return std::move(there).error();
  }
  Trust trust;
  if (!options.statement_key.empty()) {
    auto key = read_statement_key(options.statement_key);
    if (!key) return std::move(key).error();
    trust.statement_key = *key;
  }
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
  request.release = options.statement;
  request.release_key = trust.statement_key ? &*trust.statement_key : nullptr;
  request.tensors = options.tensors;
  request.threads = options.common.thread_count();
  return request;
}

int verify_seal(const Options& options) {
  const Stopwatch stopwatch;
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
  const double seconds = stopwatch.seconds();
  const VerifyAnswer answer{options.model,      options.signature, options.chain.empty(),
                            options.identities, *verdict,          seconds};
  say(options.common.json ? as_json(answer) : as_text(answer));
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
  command.add_option("--statement", options->statement, "our own statement beside the bundle");
  command.add_option("--statement-key", options->statement_key,
                     "minisign public key that must have signed it: a file, or its line "
                     "(default: whoever signed the bundle)");
  command.add_flag("--tensors", options->tensors,
                   "tell which tensors differ, or that other files hold the same weights");
  command.add_flag(
      "--identities", options->identities,
      "list the covered files by device, inode, size and times, to compare on loading");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return verify_seal(*options); }; });
}

}  // namespace wmk::cli
