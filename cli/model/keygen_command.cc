#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"

namespace wmk::cli {

namespace {

struct Options {
  std::string out;
  bool sealed = false;
  std::string passphrase_file;
  bool json = false;
};

Result<crypto::SecretBytes> new_passphrase(const Options& options) {
  if (!options.passphrase_file.empty()) return read_passphrase_file(options.passphrase_file);
  auto first = ask_passphrase("new passphrase: ");
  if (!first) return first;
  auto second = ask_passphrase("repeat passphrase: ");
  if (!second) return second;
  if (!first->equals(*second)) {
    return Error(ErrorCode::invalid_argument, "the passphrases do not match");
  }
  return first;
}

int keygen(const Options& options) {
  std::optional<crypto::SecretBytes> passphrase;
  if (options.sealed || !options.passphrase_file.empty()) {
    auto read = new_passphrase(options);
    if (!read) return fail(read.error());
    passphrase = std::move(*read);
  }
  const auto key = crypto::SecretBytes::random(crypto::kKeyBytes);
  Status status = crypto::write_key_file(options.out, key, passphrase ? &*passphrase : nullptr);
  if (!status) return fail(status.error());
  const std::string fingerprint = crypto::fingerprint(key);
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/keygen/v1").member("key", fingerprint);
    out.member("path", options.out).member("sealed", passphrase.has_value()).end_object();
    say(out.finish());
    return kYes;
  }
  say(cat(fingerprint, "\n  secret key written to ", escaped(options.out),
          passphrase ? ", sealed" : "", "; keep a backup in another place\n",
          "  next: weightmark embed MODEL --key ", escaped(options.out), " -o MARKED\n"));
  return kYes;
}

}  // namespace

void add_keygen_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("keygen", "create a secret mark key");
  command.example("weightmark keygen owner.key --passphrase");
  command.add_option("out", options->out, "key file to create (mode 0600)").required();
  command.add_flag("--passphrase", options->sealed,
                   "encrypt the key with a passphrase (asks for it)");
  command.add_option("--passphrase-file", options->passphrase_file,
                     "encrypt the key with the first line of this file");
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return keygen(*options); }; });
}

}  // namespace wmk::cli
