// Who signs: what `sign` is given, and the keys behind it.
//
// Lifetime: plain values. Thread-safety: one caller; a passphrase may be asked on the terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/minisign.h"
#include "sign/keys/key.h"

namespace wmk::cli {

struct SignerOptions {
  std::string private_key, password_file, certificate;
  std::vector<std::string> chain;
  std::string statement_key, statement_password_file;  // empty: the private key signs all
};

// Both warn about a key that others can read.
Result<sign::PrivateKey> load_private_key(const SignerOptions& options);
Result<std::optional<crypto::Ed25519SecretKey>> load_statement_key(const SignerOptions& options);
// The leaf first; the leaf and authorities that sign themselves are not sent along again.
Result<std::vector<Bytes>> load_chain(const SignerOptions& options, const sign::PublicKey& key);

}  // namespace wmk::cli
