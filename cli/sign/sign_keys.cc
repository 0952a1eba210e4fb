#include "cli/sign/sign_keys.h"

#include "base/text.h"
#include "cli/inputs.h"
#include "sign/keys/certificate.h"
#include "sign/keys/token.h"

namespace wmk::cli {

namespace {

// Where a passphrase comes from. A file is read at once, so that a wrong path is an error even if
// the key is not encrypted.
class Password {
 public:
  static Result<Password> from(const std::string& file, const char* prompt, const char* option) {
    Password out(prompt, option);
    if (file.empty()) return out;
    auto text = read_passphrase_file(file);
    if (!text) return std::move(text).error();
    out.known_ = std::make_shared<Known>(Known{std::move(*text)});
    return out;
  }

  crypto::PassphraseSource source() const {
    return [*this]() -> Result<crypto::SecretBytes> {
      if (!known_) return ask_passphrase(prompt_, option_);
      known_->asked = true;
      return crypto::copy_of(known_->text);
    };
  }
  // Call it after the key was opened.
  void warn_if_unused(const std::string& key) const {
    if (known_ && !known_->asked) {
      warn(cat(escaped(key), ": the key has no passphrase; ", option_, " was not needed"));
    }
  }

 private:
  struct Known {
    crypto::SecretBytes text;
    bool asked = false;
  };
  Password(const char* prompt, const char* option) : prompt_(prompt), option_(option) {}
  const char* prompt_;
  const char* option_;
  std::shared_ptr<Known> known_;
};

void warn_if_readable(const std::string& path, bool readable_by_others) {
  if (readable_by_others)
    warn(cat(escaped(path), ": other users can read this key; use chmod 600"));
}

Result<sign::PrivateKey> load_from_token(const SignerOptions& options) {
  const auto uri = sign::TokenUri::parse(options.private_key);
  if (!uri) return Error(uri.error()).within("--private-key");
  if (!uri->pin_source.empty() && !options.password_file.empty()) {
    return Error(ErrorCode::invalid_argument,
                 "use either --password-file or pin-source for the PIN, not both");
  }
  const std::string& file = uri->pin_source.empty() ? options.password_file : uri->pin_source;
  const auto pin = Password::from(file, "PIN of the token: ", "--password-file");
  if (!pin) return Error(pin.error());
  return sign::PrivateKey::on_token(*uri, pin->source());
}

}  // namespace

Option add_signer_options(Command command, SignerOptions& options) {
  Option key =
      command.add_option("--private-key", options.private_key,
                         "PEM key on P-256, P-384 or P-521, or pkcs11:... for a key on a token");
  command.add_option("--signing-certificate", options.certificate,
                     "PEM certificate of the key (default: the bundle names only the key)");
  command.add_option("--certificate-chain", options.chain,
                     "intermediate PEM certificates up to the root; may be repeated");
  command.add_option("--password-file", options.password_file,
                     "file whose first line is the passphrase or the token's PIN (default: ask)");
  return key;
}

Status check_signer_options(const SignerOptions& options) {
  if (!options.certificate.empty() || options.chain.empty()) return {};
  return Error(ErrorCode::invalid_argument, "--certificate-chain needs --signing-certificate");
}

Result<sign::PrivateKey> load_private_key(const SignerOptions& options) {
  if (sign::TokenUri::matches(options.private_key)) return load_from_token(options);
  const auto password =
      Password::from(options.password_file, "passphrase of the private key: ", "--password-file");
  if (!password) return Error(password.error());
  auto key = sign::PrivateKey::read(options.private_key, password->source());
  if (!key) return key;
  warn_if_readable(options.private_key, key->readable_by_others());
  password->warn_if_unused(options.private_key);
  return key;
}

Result<std::optional<crypto::Ed25519SecretKey>> load_statement_key(const SignerOptions& options) {
  std::optional<crypto::Ed25519SecretKey> none;
  if (options.statement_key.empty()) return none;
  const auto password =
      Password::from(options.statement_password_file,
                     "passphrase of the statement key: ", "--statement-password-file");
  if (!password) return Error(password.error());
  auto key = crypto::Ed25519SecretKey::read(options.statement_key, password->source());
  if (!key) return std::move(key).error();
  warn_if_readable(options.statement_key, key->readable_by_others());
  password->warn_if_unused(options.statement_key);
  return std::optional(std::move(*key));
}

Result<std::vector<Bytes>> load_chain(const SignerOptions& options, const sign::PublicKey& key) {
  if (options.certificate.empty()) return std::vector<Bytes>();
  auto chain = sign::read_certificates({options.certificate});
  if (!chain) return chain;
  if (!options.chain.empty()) {
    auto others = sign::read_certificates({options.chain.begin(), options.chain.end()});
    if (!others) return others;
    chain->insert(chain->end(), others->begin(), others->end());
  }
  auto certified = sign::certified_key(chain->front(), escaped(options.certificate));
  if (!certified) return std::move(certified).error();
  if (!certified->equals(key)) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(options.certificate), ": is a certificate for another key than ",
                     escaped(options.private_key)));
  }
  return sign::without_roots(std::move(*chain));
}

}  // namespace wmk::cli
