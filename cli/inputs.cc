#include "cli/inputs.h"

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "cli/model_notes.h"
#include "embed/scheme/fitting_record.h"

namespace wmk::cli {

namespace {

constexpr uint64_t kNamingBytesMax = 1 << 20;

Result<checkpoint::NamingFamily> read_naming(const std::string& path) {
  auto text = read_text(path, kNamingBytesMax);
  if (!text) return std::move(text).error();
  return checkpoint::NamingFamily::parse(*text, escaped(path));
}

}  // namespace

namespace {

using ReadVocabulary = Result<checkpoint::Vocabulary> (*)(const checkpoint::Checkpoint&, uint64_t);

void add_notes(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
               const checkpoint::Vocabulary& vocabulary) {
  for (const std::string& text : model_notes(checkpoint, anatomy, vocabulary)) note(text);
}

Result<std::optional<checkpoint::NamingFamily>> rules_of(const CommonOptions& common) {
  if (common.naming.empty()) return std::optional<checkpoint::NamingFamily>();
  auto read = read_naming(common.naming);
  if (!read) return std::move(read).error();
  return std::optional(*std::move(read));
}

Result<OpenedModel> open_with(const std::string& path, const CommonOptions& common,
                              const std::string& base, ReadVocabulary read_words) {
  auto checkpoint = base.empty() ? checkpoint::Checkpoint::open(path)
                                 : checkpoint::Checkpoint::open_merged(path, base);
  if (!checkpoint) return std::move(checkpoint).error();
  auto config = checkpoint::read_config(*checkpoint);
  if (!config) return std::move(config).error();
  auto rules = rules_of(common);
  if (!rules) return std::move(rules).error();
  auto anatomy = checkpoint::make_anatomy(*checkpoint, *config, *rules ? &**rules : nullptr);
  if (!anatomy) return std::move(anatomy).error().within(escaped(path));
  auto heads = checkpoint::find_heads(*checkpoint, *anatomy, *config);
  if (!heads) return std::move(heads).error();
  anatomy->heads = *std::move(heads);
  auto vocabulary = read_words(*checkpoint, anatomy->vocabulary);
  if (!vocabulary) return std::move(vocabulary).error();
  if (!common.quiet) add_notes(*checkpoint, *anatomy, *vocabulary);
  return OpenedModel{std::move(*checkpoint), std::move(*config), std::move(*anatomy),
                     std::move(*vocabulary)};
}

}  // namespace

Result<OpenedModel> open_model(const std::string& path, const CommonOptions& common,
                               const std::string& base) {
  return open_with(path, common, base, checkpoint::read_vocabulary);
}

Result<OpenedModel> open_declared(const std::string& path, const CommonOptions& common,
                                  const std::string& base) {
  return open_with(path, common, base, checkpoint::read_vocabulary_or_fault);
}

Result<checkpoint::ReadingList> open_suspect(const std::string& path, const CommonOptions& common,
                                             const std::string& base) {
  auto rules = rules_of(common);
  if (!rules) return std::move(rules).error();
  checkpoint::ReadingList list({path, base, *std::move(rules)});
  const auto& declared = list.declared();
  if (!declared && !list.has(1)) return declared.error();
  if (common.quiet) return list;
  if (declared) {
    add_notes(*declared->checkpoint, *declared->anatomy, *declared->vocabulary);
  } else {
    note(cat("not readable as the model declares itself: ", declared.error().message()));
  }
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

Result<embed::MarkRecord> load_record(const std::string& path, const crypto::SecretBytes& key,
                                      const std::string& model) {
  auto record = embed::read_fitting_record(path, {model});
  if (!record) return std::move(record).error();
  if (record->key_fingerprint != crypto::fingerprint(key)) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(path), ": this record belongs to another key, ",
                     escaped(record->key_fingerprint)));
  }
  return record;
}

}  // namespace wmk::cli
