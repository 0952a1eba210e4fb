#include "cli/sign_keys.h"

#include "base/text.h"
#include "cli/inputs.h"
#include "sign/certificate.h"

namespace wmk::cli {

namespace {

crypto::PassphraseSource password(const std::string& file, const char* prompt, const char* option) {
  return [&file, prompt, option]() -> Result<crypto::SecretBytes> {
    return file.empty() ? ask_passphrase(prompt, option) : read_passphrase_file(file);
  };
}

void warn_if_readable(const std::string& path, bool readable_by_others) {
  if (readable_by_others) warn(cat(escaped(path), ": others can read this key; chmod 600 it"));
}

}  // namespace

Result<sign::PrivateKey> load_private_key(const SignerOptions& options) {
  auto key = sign::PrivateKey::read(
      options.private_key,
      password(options.password_file, "passphrase of the private key: ", "--password-file"));
  if (key) warn_if_readable(options.private_key, key->readable_by_others());
  return key;
}

Result<std::optional<crypto::Ed25519SecretKey>> load_statement_key(const SignerOptions& options) {
  std::optional<crypto::Ed25519SecretKey> none;
  if (options.statement_key.empty()) return none;
  auto key = crypto::Ed25519SecretKey::read(
      options.statement_key,
      password(options.statement_password_file,
               "passphrase of the statement's key: ", "--statement-password-file"));
  if (!key) return std::move(key).error();
  warn_if_readable(options.statement_key, key->readable_by_others());
  return std::optional(std::move(*key));
}

Result<std::vector<Bytes>> load_chain(const SignerOptions& options, const sign::PublicKey& key) {
  if (options.certificate.empty()) return std::vector<Bytes>();
  auto chain = sign::read_certificates({options.certificate.front()});
  if (!chain) return chain;
  if (!options.chain.empty()) {
    auto others = sign::read_certificates({options.chain.begin(), options.chain.end()});
    if (!others) return others;
    chain->insert(chain->end(), others->begin(), others->end());
  }
  auto certified = sign::certified_key(chain->front(), escaped(options.certificate.front()));
  if (!certified) return std::move(certified).error();
  if (!certified->equals(key)) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(options.certificate.front()), ": certifies another key than ",
                     escaped(options.private_key)));
  }
  return sign::without_roots(std::move(*chain));
}

}  // namespace wmk::cli
