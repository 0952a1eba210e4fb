// What a commitment says, as text and as JSON; opening the keys of those who make statements.
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <string>

#include "base/json.h"
#include "claims/commit/check.h"
#include "claims/commit/make.h"
#include "cli/command.h"
#include "cli/sign/own_commitment.h"
#include "cli/sign/sign_keys.h"
#include "sign/seal.h"

namespace wmk::cli {

// "ffn,heads".
std::string sites_text(const embed::Sites& sites);
// Indented lines: digest, base, scheme and parameters.
std::string commitment_lines(const claims::Commitment& commitment, ByteView digest);
// Members of the current object.
void write_commitment(const claims::Commitment& commitment, ByteView digest, json::Writer& out);

struct OpenedSigner {
  sign::PrivateKey key;
  std::vector<Bytes> certificates;

  claims::Signer signer() const { return {key, certificates}; }
};
// Which files of a model would be signed, and their root; shows progress.
Result<sign::Seal> manifest_of(const std::string& model,
                               const std::vector<std::string>& ignore_paths,
                               const CommonOptions& common);
// May ask for a passphrase.
Result<OpenedSigner> open_signer(const SignerOptions& options);

}  // namespace wmk::cli
