#include "library/models/open_model.h"

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "crypto/key_file.h"
#include "embed/scheme/fitting_record.h"
#include "library/models/model_notes.h"

namespace wmk::library {

namespace {

constexpr uint64_t kNamingBytesMax = 1 << 20;

using ReadVocabulary = Result<checkpoint::Vocabulary> (*)(const checkpoint::Checkpoint&, uint64_t);

Result<std::optional<checkpoint::NamingFamily>> rules_of(const ModelPlace& place) {
  if (place.naming.empty()) return std::optional<checkpoint::NamingFamily>();
  auto text = read_text(place.naming, kNamingBytesMax);
  if (!text) return std::move(text).error();
  auto rules = checkpoint::NamingFamily::parse(*text, escaped(place.naming));
  if (!rules) return std::move(rules).error();
  return std::optional(*std::move(rules));
}

Result<OpenedModel> open_with(const ModelPlace& place, ReadVocabulary read_words) {
  auto checkpoint = place.base.empty()
                        ? checkpoint::Checkpoint::open(place.path)
                        : checkpoint::Checkpoint::open_merged(place.path, place.base);
  if (!checkpoint) return std::move(checkpoint).error();
  auto config = checkpoint::read_config(*checkpoint);
  if (!config) return std::move(config).error();
  auto rules = rules_of(place);
  if (!rules) return std::move(rules).error();
  auto anatomy = checkpoint::make_anatomy(*checkpoint, *config, *rules ? &**rules : nullptr);
  if (!anatomy) return std::move(anatomy).error().within(escaped(place.path));
  auto heads = checkpoint::find_heads(*checkpoint, *anatomy, *config);
  if (!heads) return std::move(heads).error();
  anatomy->heads = *std::move(heads);
  auto vocabulary = read_words(*checkpoint, anatomy->vocabulary);
  if (!vocabulary) return std::move(vocabulary).error();
  return OpenedModel{std::move(*checkpoint), std::move(*config), std::move(*anatomy),
                     std::move(*vocabulary)};
}

}  // namespace

std::vector<std::string> OpenedModel::notes() const {
  return model_notes(checkpoint, anatomy, vocabulary);
}

Result<OpenedModel> open_model(const ModelPlace& place) {
  return open_with(place, checkpoint::read_vocabulary);
}

Result<OpenedModel> open_declared(const ModelPlace& place) {
  return open_with(place, checkpoint::read_vocabulary_or_fault);
}

Result<checkpoint::ReadingList> open_suspect(const ModelPlace& place) {
  auto rules = rules_of(place);
  if (!rules) return std::move(rules).error();
  checkpoint::ReadingList list({place.path, place.base, *std::move(rules)});
  const auto& declared = list.declared();
  if (!declared && !list.has(1)) return declared.error();
  return list;
}

std::vector<std::string> notes_of(checkpoint::ReadingList& suspect) {
  const auto& declared = suspect.declared();
  if (!declared) {
    return {cat("not readable as the model declares itself: ", declared.error().message())};
  }
  return model_notes(*declared->checkpoint, *declared->anatomy, *declared->vocabulary);
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

}  // namespace wmk::library
