#include "cli/inputs.h"

#include "base/text.h"

namespace wmk::cli {

namespace {

void add_notes(const std::vector<std::string>& notes, const CommonOptions& common) {
  if (common.quiet) return;
  for (const std::string& text : notes) note(text);
}

}  // namespace

library::ModelPlace place_of(const std::string& path, const CommonOptions& common,
                             const std::string& base) {
  return {path, base, common.naming};
}

Result<OpenedModel> open_model(const std::string& path, const CommonOptions& common,
                               const std::string& base) {
  auto model = library::open_model(place_of(path, common, base));
  if (model) add_notes(model->notes(), common);
  return model;
}

Result<OpenedModel> open_declared(const std::string& path, const CommonOptions& common,
                                  const std::string& base) {
  auto model = library::open_declared(place_of(path, common, base));
  if (model) add_notes(model->notes(), common);
  return model;
}

Result<checkpoint::ReadingList> open_suspect(const std::string& path, const CommonOptions& common,
                                             const std::string& base) {
  auto list = library::open_suspect(place_of(path, common, base));
  if (list) add_notes(library::notes_of(*list), common);
  return list;
}

Option add_key_options(Command command, KeyOptions& options, bool is_required) {
  Option key = command.add_option("--key", options.path, "the secret key (weightmark keygen)");
  key.required(is_required);
  command.add_option(
      "--passphrase-file", options.passphrase_file,
      "file whose first line is the passphrase of a sealed key (default: ask on the terminal)");
  return key;
}

Result<crypto::SecretBytes> load_key(const KeyOptions& options) {
  auto loaded = crypto::read_key_file(options.path, [&]() -> Result<crypto::SecretBytes> {
    if (!options.passphrase_file.empty()) return read_passphrase_file(options.passphrase_file);
    return ask_passphrase("passphrase: ");
  });
  if (!loaded) return std::move(loaded).error();
  if (loaded->readable_by_others) {
    warn(cat(escaped(options.path), ": others can read this key; chmod 600 it"));
  }
  return std::move(loaded->key);
}

}  // namespace wmk::cli
