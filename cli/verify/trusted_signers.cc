#include "cli/verify/trusted_signers.h"

namespace wmk::cli {

namespace {

Status read_anchors(const std::vector<std::string>& files, sign::TrustAnchors& anchors) {
  if (files.empty()) return {};
  auto read = sign::read_certificates({files.begin(), files.end()});
  if (!read) return std::move(read).error();
  anchors.certificates = std::move(*read);
  return {};
}

Status check_signers(const TrustedSignerOptions& options, bool may_name_none) {
  if (options.public_key.empty() == options.chain.empty() &&
      (options.names_signer() || !may_name_none)) {
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
  return {};
}

}  // namespace

void TrustedSigners::apply_to(sign::VerifyRequest& request) const {
  request.key = key ? &*key : nullptr;
  request.anchors = anchors.certificates.empty() ? nullptr : &anchors;
  request.expected = expected;
  request.authorities = has_authorities ? &authorities : nullptr;
  request.timestamps_required = timestamps_required;
}

Status read_signers(const TrustedSignerOptions& options, TrustedSigners& signers) {
  signers.expected = options.expected;
  signers.has_authorities = !options.authorities.empty();
  // Naming an authority without a number requires one timestamp.
  signers.timestamps_required = options.timestamps.value_or(signers.has_authorities ? 1 : 0);
  if (!options.public_key.empty()) {
    auto key = sign::PublicKey::read(options.public_key);
    if (!key) return std::move(key).error();
    signers.key = std::move(*key);
  }
  auto status = read_anchors(options.chain, signers.anchors);
  if (status) status = read_anchors(options.authorities, signers.authorities);
  return status;
}

Result<TrustedSigners> read_trusted_signers(const TrustedSignerOptions& options,
                                            bool may_name_none) {
  Status status = check_signers(options, may_name_none);
  TrustedSigners signers;
  if (status) status = read_signers(options, signers);
  if (!status) return std::move(status).error();
  return signers;
}

void add_trusted_signer_options(Command command, TrustedSignerOptions& options) {
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

}  // namespace wmk::cli
