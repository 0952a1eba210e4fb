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

struct LocalPlace {
  remote::LocalModel model, base;  // base: of an adapter, or of no path

  Error in_words(Error error) const {
    return remote::in_words_of(base, remote::in_words_of(model, std::move(error)));
  }
};

Result<LocalPlace> localise(const ModelPlace& place) {
  auto model = remote::localise(place.path);
  if (!model) return std::move(model).error();
  auto base = remote::localise(place.base);
  if (!base) return std::move(base).error();
  return LocalPlace{*std::move(model), *std::move(base)};
}

Result<OpenedModel> open_local(const LocalPlace& local, const ModelPlace& place,
                               ReadVocabulary read_words) {
  const auto& [model, base] = local;
  auto checkpoint = base.path.empty() ? checkpoint::Checkpoint::open(model.path)
                                      : checkpoint::Checkpoint::open_merged(model.path, base.path);
  if (!checkpoint) return std::move(checkpoint).error();
  auto config = checkpoint::read_config(*checkpoint);
  if (!config) return std::move(config).error();
  auto rules = rules_of(place);
  if (!rules) return std::move(rules).error();
  auto anatomy = checkpoint::make_anatomy(*checkpoint, *config, *rules ? &**rules : nullptr);
  if (!anatomy) return std::move(anatomy).error().within(escaped(model.path.string()));
  auto heads = checkpoint::find_heads(*checkpoint, *anatomy, *config);
  if (!heads) return std::move(heads).error();
  anatomy->heads = *std::move(heads);
  auto vocabulary = read_words(*checkpoint, anatomy->vocabulary);
  if (!vocabulary) return std::move(vocabulary).error();
  return OpenedModel{model,
                     base,
                     std::move(*checkpoint),
                     std::move(*config),
                     std::move(*anatomy),
                     std::move(*vocabulary)};
}

Result<OpenedModel> open_with(const ModelPlace& place, ReadVocabulary read_words) {
  auto local = localise(place);
  if (!local) return std::move(local).error();
  auto opened = open_local(*local, place, read_words);
  if (opened) return opened;
  return local->in_words(std::move(opened).error());
}

}  // namespace

Result<std::optional<checkpoint::NamingFamily>> rules_of(const ModelPlace& place) {
  if (place.naming.empty()) return std::optional<checkpoint::NamingFamily>();
  auto text = read_text(place.naming, kNamingBytesMax);
  if (!text) return std::move(text).error();
  auto rules = checkpoint::NamingFamily::parse(*text, escaped(place.naming));
  if (!rules) return std::move(rules).error();
  return std::optional(*std::move(rules));
}

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
  auto local = localise(place);
  if (!local) return std::move(local).error();
  checkpoint::ReadingList list({local->model.path,
                                local->base.path,
                                *std::move(rules),
                                {local->model.remote, local->base.remote}});
  const auto& declared = list.declared();
  if (!declared && !list.has(1)) return local->in_words(declared.error());
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
