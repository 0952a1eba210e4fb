// `log keygen` and `log init`.
#include "base/file.h"
#include "base/text.h"
#include "claims/log/appender.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

using crypto::NoteKeyType;

struct LogKeygenOptions {
  std::string file, name;
  bool json = false;
};

int make_log_key(const LogKeygenOptions& options) {
  const auto signer = crypto::NoteSigner::generate(options.name);
  if (!signer) return fail(signer.error());
  const auto status = write_whole(options.file, signer->file_content().reveal(), 0600, false);
  if (!status) return fail(status.error());
  const std::string log = signer->verifier(NoteKeyType::ed25519).vkey();
  const std::string witness = signer->verifier(NoteKeyType::cosignature).vkey();
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/log-keygen/v1").member("path", options.file);
    out.member("name", options.name).member("log_vkey", log).member("witness_vkey", witness);
    say(out.end_object().finish());
    return kYes;
  }
  say(cat("key: ", escaped(options.file), " of ", options.name,
          ", keep it secret\n  as a log:     ", log, "\n  as a witness: ", witness,
          "\n  next: weightmark log init LOG --log-key ", escaped(options.file), "\n"));
  return kYes;
}

struct LogInitOptions {
  std::string folder, key;
  bool json = false;
};

int init_folder(const LogInitOptions& options) {
  const auto signer = read_note_signer(options.key);
  if (!signer) return fail(signer.error());
  const auto status = claims::init_log(options.folder, *signer);
  if (!status) return fail(status.error());
  const std::string vkey = signer->verifier(NoteKeyType::ed25519).vkey();
  if (options.json) {
    json::Writer out;
    out.begin_object().member("schema", "weightmark/log-init/v1").member("path", options.folder);
    say(out.member("origin", signer->name()).member("vkey", vkey).end_object().finish());
    return kYes;
  }
  say(cat("log: ", escaped(options.folder), " of ", signer->name(), ", without entries\n  vkey: ",
          vkey, "\n  next: weightmark log append ", escaped(options.folder), " BUNDLE --log-key ",
          escaped(options.key), " --public-key SIGNER.pem\n"));
  return kYes;
}

}  // namespace

void add_log_keygen(Command log, Action& action) {
  auto options = std::make_shared<LogKeygenOptions>();
  Command command = log.add_subcommand("keygen", "make the key of a log or of a witness");
  command.example("weightmark log keygen log.key --name example.org/marks");
  command.add_option("out", options->file, "key file to write").required();
  command
      .add_option("--name", options->name,
                  "name of the log or witness: an address without scheme, example.org/marks")
      .required();
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return make_log_key(*options); }; });
}

void add_log_init(Command log, Action& action) {
  auto options = std::make_shared<LogInitOptions>();
  Command command = log.add_subcommand("init", "make an empty log in a new folder");
  command.example("weightmark log init log --log-key log.key");
  command.add_option("log", options->folder, "folder to make").required();
  command.add_option("--log-key", options->key, "key of the log; its name is the log's origin")
      .required();
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return init_folder(*options); }; });
}

}  // namespace wmk::cli
