// The signer's options of `sign`, and loading the keys that they name.
//
// Lifetime: plain values. Thread-safety: one caller; may ask for a passphrase on the terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "crypto/minisign.h"
#include "sign/keys/key.h"

namespace wmk::cli {

struct SignerOptions {
  std::string private_key, password_file, certificate;
  std::vector<std::string> chain;
  std::string statement_key, statement_password_file;  // empty: the private key signs both
};

// --private-key, which is returned, its passphrase and its certificates.
Option add_signer_options(Command command, SignerOptions& options);

// An option that has no effect is an Error.
Status check_signer_options(const SignerOptions& options);
// Both warn about a key file that other users can read.
Result<sign::PrivateKey> load_private_key(const SignerOptions& options);
Result<std::optional<crypto::Ed25519SecretKey>> load_statement_key(const SignerOptions& options);
// The certificates for the bundle: the leaf first, no self-signed authorities.
Result<std::vector<Bytes>> load_chain(const SignerOptions& options, const sign::PublicKey& key);

}  // namespace wmk::cli
