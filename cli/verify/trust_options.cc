#include "cli/verify/trust_options.h"

#include "base/file.h"
#include "base/text.h"

namespace wmk::cli {

namespace {

Error bad_usage(std::string text) { return Error(ErrorCode::invalid_argument, std::move(text)); }

// Either the key itself, a line of base64, or a file. A file whose name looks like a key can be
// given as ./NAME.
Result<crypto::Ed25519PublicKey> read_statement_key(const std::string& given) {
  auto pasted = crypto::Ed25519PublicKey::from_text(given);
  return pasted ? std::move(pasted) : crypto::Ed25519PublicKey::read(given);
}

// Which of the three ways to trust the options name.
Status check_method(const TrustOptions& options) {
  const bool key = !options.public_key.empty(), chain = !options.chain.empty();
  const bool root = !options.trusted_root.empty();
  if (chain ? key || root : !key && !root) {
    return bad_usage(
               "name the trusted signer with one of --public-key, --certificate-chain and "
               "--trusted-root")
        .with_hint("get the key or root from the publisher: the bundle cannot vouch for itself");
  }
  const bool name = !options.identity.name.empty(), issuer = !options.identity.issuer.empty();
  if (root && !key && (!name || !issuer)) {
    return bad_usage(
               "--trusted-root needs --certificate-identity and --certificate-oidc-issuer, or "
               "--public-key")
        .with_hint("a trusted root certifies everybody: say whose signature you expect");
  }
  if ((name || issuer) && (!root || key)) {
    return bad_usage(
        "--certificate-identity and --certificate-oidc-issuer need --trusted-root without "
        "--public-key");
  }
  if (root && options.legacy) return bad_usage("--legacy-v0.2 does not go with --trusted-root");
  if (options.logs && !root) return bad_usage("--require-log needs --trusted-root");
  if (options.artifact && !root) return bad_usage("--artifact needs --trusted-root");
  if (options.artifact && !options.statement.empty()) {
    return bad_usage("--statement is about a model, not an --artifact");
  }
  return {};
}

Status check_times(const TrustOptions& options) {
  if (!options.trusted_root.empty() && !options.authorities.empty()) {
    return bad_usage("--tsa-ca does not go with --trusted-root, which names the authorities");
  }
  if (options.timestamps.value_or(0) > 0 && options.authorities.empty() &&
      options.trusted_root.empty()) {
    return bad_usage("--require-timestamp needs --tsa-ca");
  }
  return {};
}

Status check_details(const TrustOptions& options) {
  const sign::ExpectedSubject& expected = options.expected;
  if (options.chain.empty() &&
      (!expected.subject.empty() || !expected.name.empty() || expected.code_signing)) {
    return bad_usage(
        "--expect-subject, --expect-san and --require-code-signing need --certificate-chain");
  }
  if (options.tensors && options.statement.empty()) {
    return bad_usage("--tensors needs --statement");
  }
  if (!options.statement_key.empty() && options.statement.empty()) {
    return bad_usage("--statement-key needs --statement");
  }
  if (options.statement.empty()) return {};
  auto there = ReadFile::open(options.statement);  // fails before the files are hashed
  return there ? Status() : std::move(there).error();
}

}  // namespace

Result<TrustedKeys> read_trust(const TrustOptions& options) {
  auto status = check_method(options);
  if (status) status = check_times(options);
  if (status) status = check_details(options);
  if (!status) return std::move(status).error();
  TrustedKeys trust;
  if (!options.statement_key.empty()) {
    auto key = read_statement_key(options.statement_key);
    if (!key) return std::move(key).error();
    trust.statement_key = *key;
  }
  if (!options.trusted_root.empty()) {
    auto root = sign::TrustedRoot::read(options.trusted_root);
    if (!root) return std::move(root).error();
    trust.root = std::move(*root);
  }
  status = read_signers(options, trust);
  if (!status) return std::move(status).error();
  return trust;
}

void use_trust(const TrustOptions& options, const TrustedKeys& trust,
               sign::VerifyRequest& request) {
  trust.apply_to(request);
  request.trusted_root = trust.root ? &*trust.root : nullptr;
  request.identity = options.identity;
  request.logs_required = options.logs.value_or(1);
  request.legacy = options.legacy;
  request.release = options.statement;
  request.release_key = trust.statement_key ? &*trust.statement_key : nullptr;
  request.tensors = options.tensors;
}

void add_trust_options(Command command, TrustOptions& options) {
  add_trusted_signer_options(command, options);
  command.add_option("--trusted-root", options.trusted_root,
                     "trusted_root.json of the Sigstore instance, for keyless bundles");
  command.add_option("--certificate-identity", options.identity.name,
                     "required identity of a keyless signer: e-mail address or URI");
  command.add_option("--certificate-oidc-issuer", options.identity.issuer,
                     "required URL of the provider that vouched for the identity");
  command.add_option("--require-log", options.logs,
                     "required number of log operators with an entry (default: 1)");
  command.add_flag("--legacy-v0.2", options.legacy, "the bundle has the format of version 0.2");
  command.add_option("--statement", options.statement, "also verify this release statement");
  command.add_option("--statement-key", options.statement_key,
                     "minisign public key of the release statement: a file or its base64 line "
                     "(default: the bundle's signer)");
  command.add_flag("--tensors", options.tensors,
                   "compare tensor by tensor with the release statement");
  command.add_flag("--artifact", options.artifact,
                   "the bundle is about one file (or sha256:DIGEST) and not about a model");
}

}  // namespace wmk::cli
