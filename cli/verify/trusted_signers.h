// Options that name trusted signers and timestamp authorities, and reading what they name.
//
// Lifetime: a request refers to the TrustedSigners. Thread-safety: one caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "sign/verify_model.h"

namespace wmk::cli {

struct TrustedSignerOptions {
  std::string public_key;
  std::vector<std::string> chain, authorities;
  sign::ExpectedSubject expected;
  std::optional<unsigned> timestamps;

  bool names_signer() const { return !public_key.empty() || !chain.empty(); }
};
void add_trusted_signer_options(Command command, TrustedSignerOptions& options);

struct TrustedSigners {
  std::optional<sign::PublicKey> key;
  sign::TrustAnchors anchors, authorities;
  sign::ExpectedSubject expected;
  bool has_authorities = false;
  unsigned timestamps_required = 0;

  // Fills in who may have signed and whose timestamps count.
  void apply_to(sign::VerifyRequest& request) const;
};
// Reads what the options name. Errors: files that cannot be read.
Status read_signers(const TrustedSignerOptions& options, TrustedSigners& signers);
// Errors: a signer that is named in neither or both ways; options that need another one; files that
// cannot be read. `may_name_none`: no signer is needed.
Result<TrustedSigners> read_trusted_signers(const TrustedSignerOptions& options,
                                            bool may_name_none = false);

}  // namespace wmk::cli
