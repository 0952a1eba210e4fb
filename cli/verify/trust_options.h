// Whom `verify` trusts: its options, and the keys and roots that they name.
//
// Lifetime: TrustedKeys must outlive the request that refers to them. Thread-safety: one caller.
#pragma once

#include <optional>
#include <string>

#include "cli/verify/trusted_signers.h"
#include "sign/verify_model.h"

namespace wmk::cli {

enum class TrustMethod { key, certificate, keyless };

struct TrustOptions : TrustedSignerOptions {
  std::string trusted_root, statement, statement_key;
  sign::ExpectedIdentity identity;
  std::optional<unsigned> logs;
  bool tensors = false, legacy = false, artifact = false;

  TrustMethod method() const {
    return !public_key.empty() ? TrustMethod::key
           : !chain.empty()    ? TrustMethod::certificate
                               : TrustMethod::keyless;
  }
};

struct TrustedKeys : TrustedSigners {
  std::optional<crypto::Ed25519PublicKey> statement_key;
  std::optional<sign::TrustedRoot> root;
};

void add_trust_options(Command command, TrustOptions& options);
// Errors: options that do not go together, files that cannot be read.
Result<TrustedKeys> read_trust(const TrustOptions& options);
// Fills in the members of `request` about trust.
void use_trust(const TrustOptions& options, const TrustedKeys& trust, sign::VerifyRequest& request);

}  // namespace wmk::cli
