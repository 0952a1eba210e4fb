#include "base/file.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/verify/verify_answer.h"
#include "sign/verify_model.h"

namespace wmk::cli {

namespace {

struct VerifyOptions {
  CommonOptions common;
  std::string model, signature, public_key, statement, statement_key;
  std::vector<std::string> chain, authorities, ignore_paths;
  sign::ExpectedSubject expected;
  std::optional<unsigned> timestamps;
  bool ignore_unsigned = false, allow_uncovered = false, allow_symlinks = false, legacy = false;
  bool tensors = false, identities = false;
};

struct TrustedKeys {
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

// Either the key itself, a line of base64, or a file. A file whose name looks like a key can be
// given as ./NAME.
Result<crypto::Ed25519PublicKey> read_statement_key(const std::string& given) {
  auto pasted = crypto::Ed25519PublicKey::from_text(given);
  return pasted ? std::move(pasted) : crypto::Ed25519PublicKey::read(given);
}

Result<TrustedKeys> read_trust(const VerifyOptions& options) {
  if (options.public_key.empty() == options.chain.empty()) {
    return Error(ErrorCode::invalid_argument,
                 "name the trusted signer with either --public-key or --certificate-chain")
        .with_hint("get the key or root from the publisher: the bundle cannot vouch for itself");
  }
  if (options.timestamps.value_or(0) > 0 && options.authorities.empty()) {
    return Error(ErrorCode::invalid_argument, "--require-timestamp needs --tsa-ca");
  }
  const sign::ExpectedSubject& expected = options.expected;
  if (options.chain.empty() &&
      (!expected.subject.empty() || !expected.name.empty() || expected.code_signing)) {
    return Error(
        ErrorCode::invalid_argument,
        "--expect-subject, --expect-san and --require-code-signing need --certificate-chain");
  }
  if (options.tensors && options.statement.empty()) {
    return Error(ErrorCode::invalid_argument, "--tensors needs --statement");
  }
  if (!options.statement_key.empty() && options.statement.empty()) {
    return Error(ErrorCode::invalid_argument, "--statement-key needs --statement");
  }
  if (!options.statement.empty()) {
    auto there = ReadFile::open(options.statement);  // fails before the files are hashed
    if (!there) return std::move(there).error();
  }
  TrustedKeys trust;
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

sign::VerifyRequest request_of(const VerifyOptions& options, const TrustedKeys& trust) {
  sign::VerifyRequest request;
  request.model = options.model;
  request.signature = options.signature;
  request.key = trust.key ? &*trust.key : nullptr;
  request.anchors = trust.key ? nullptr : &trust.anchors;
  request.expected = options.expected;
  request.authorities = options.authorities.empty() ? nullptr : &trust.authorities;
  // Naming an authority without a number requires one timestamp.
  request.timestamps_required = options.timestamps.value_or(options.authorities.empty() ? 0 : 1);
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

int verify_seal(const VerifyOptions& options) {
  const Stopwatch stopwatch;
  const auto trust = read_trust(options);
  if (!trust) return fail(trust.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  sign::VerifyRequest request = request_of(options, *trust);
  request.progress = &bar;
  const auto verification = sign::verify_model(request);
  if (!verification) return fail(verification.error());
  if (!options.common.quiet && !options.common.json) {
    for (const std::string& text : verification->findings.notes) note(text);
  }
  const double seconds = stopwatch.seconds();
  const VerifyAnswer answer{options.model,      options.signature, options.chain.empty(),
                            options.identities, *verification,     seconds};
  say(options.common.json ? as_json(answer) : as_text(answer));
  return verification->good() ? kYes : kNo;
}

void add_trust_options(Command command, VerifyOptions& options) {
  command.add_option("--public-key", options.public_key, "PEM public key of the signer");
  command.add_option("--certificate-chain", options.chain,
                     "PEM root certificates, one of which must certify the signer");
  command.add_option("--expect-subject", options.expected.subject,
                     "required subject of the signer's certificate (RFC 2253)");
  command.add_option("--expect-san", options.expected.name,
                     "required alternative name of the signer's certificate");
  command.add_flag("--require-code-signing", options.expected.code_signing,
                   "require a certificate for code signing");
  command.add_option("--tsa-ca", options.authorities,
                     "PEM root certificates of trusted timestamp authorities");
  command.add_option("--require-timestamp", options.timestamps,
                     "required number of timestamp authorities (default: 1 with --tsa-ca)");
}

}  // namespace

void add_verify_command(Command app, Action& action) {
  auto options = std::make_shared<VerifyOptions>();
  Command command = app.add_subcommand("verify", "verify that a model is what was signed");
  command.add_option("model", options->model, "folder or file").required();
  command.add_option("--signature", options->signature, "signature file (bundle)").required();
  add_trust_options(command, *options);
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder in the model that may be unsigned; may be repeated");
  command.add_flag("--ignore-unsigned-files", options->ignore_unsigned,
                   "report unsigned files without failing, except weights files");
  command.add_flag("--allow-uncovered", options->allow_uncovered,
                   "also accept unsigned weights files");
  command.add_flag("--allow-symlinks", options->allow_symlinks,
                   "follow links to files inside the model if the signer allowed them");
  command.add_flag("--legacy-v0.2", options->legacy, "the bundle has the format of version 0.2");
  command.add_option("--statement", options->statement, "also verify this release statement");
  command.add_option("--statement-key", options->statement_key,
                     "minisign public key of the release statement: a file or its base64 line "
                     "(default: the bundle's signer)");
  command.add_flag("--tensors", options->tensors,
                   "compare tensor by tensor with the release statement");
  command.add_flag(
      "--identities", options->identities,
      "list device, inode, size and times of the covered files, for loaders to compare");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return verify_seal(*options); }; });
}

}  // namespace wmk::cli
