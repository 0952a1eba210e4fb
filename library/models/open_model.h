// Opening models, in the ways that commands need.
//
// Purpose: one place that turns a path into a checkpoint with its config, anatomy and vocabulary.
// Lifetime: an OpenedModel owns its parts; views refer to them. Thread-safety: one caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/readings/reading_list.h"
#include "embed/scheme/record.h"
#include "remote/localise.h"

namespace wmk::library {

// A model that something else owns.
struct ModelView {
  const checkpoint::Checkpoint& checkpoint;
  const checkpoint::Config& config;
  const checkpoint::Anatomy& anatomy;
  const checkpoint::Vocabulary& vocabulary;
};

struct OpenedModel {
  remote::LocalModel local, base;  // destroyed last
  checkpoint::Checkpoint checkpoint;
  checkpoint::Config config;
  checkpoint::Anatomy anatomy;
  checkpoint::Vocabulary vocabulary;

  operator ModelView() const { return {checkpoint, config, anatomy, vocabulary}; }
  // About its files, tensors and tokenizer (library/models/model_notes.h).
  std::vector<std::string> notes() const;
};

// Where a model is: a path, or a name that becomes one (remote/localise.h). The last two may be
// empty.
struct ModelPlace {
  std::string path;
  std::string base = {};  // `path` is an adapter, which is merged into this model while it is read
  std::string naming = {};  // a file of rules for tensor names (specs/naming.md)
};

// What `place.naming` says, if it names a file. Errors: reading; not rules.
Result<std::optional<checkpoint::NamingFamily>> rules_of(const ModelPlace& place);

// Errors: reading; the model is not understood as it declares itself.
Result<OpenedModel> open_model(const ModelPlace& place);

// The same, but a tokenizer that cannot be read is a note, and a fault of the vocabulary.
Result<OpenedModel> open_declared(const ModelPlace& place);

// The readings of a suspect, whose owner must not be able to stop the reading: an Error only if
// no reading can be made.
Result<checkpoint::ReadingList> open_suspect(const ModelPlace& place);
// Notes of the declared reading, or one that says why there is none.
std::vector<std::string> notes_of(checkpoint::ReadingList& suspect);

// Error if the record belongs to another key. `model`: the suspect, which may be the release
// itself.
Result<embed::MarkRecord> load_record(const std::string& path, const crypto::SecretBytes& key,
                                      const std::string& model);

}  // namespace wmk::library
