// Makes readings of one suspect, and lists what a reading may change.
//
// Purpose: each axis has a list of alternatives and one place where an alternative is applied.
// Opened files are kept, so that many readings share them. Lifetime: owns what it opened.
// Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "checkpoint/labels.h"
#include "checkpoint/readings/reading.h"
#include "checkpoint/shapes/variant.h"

namespace wmk::checkpoint {

// What the user named.
struct ReadingSource {
  std::filesystem::path path;
  std::filesystem::path base = {};                       // of an adapter, or empty
  std::optional<NamingFamily> rules = std::nullopt;      // in place of the program's families
  std::vector<std::shared_ptr<const void>> owners = {};  // of what is behind the paths, if anything
};

// The change of that axis, or null.
const Change* change_of(const std::vector<Change>& changes, Axis axis);
// "this model has no reading 'x'"
Error not_possible(const Change& change);

class ReadingMaker {
 public:
  explicit ReadingMaker(ReadingSource source) : source_(std::move(source)) {}

  // Errors: the files cannot be opened, or no units are found under these changes.
  Result<Reading> make(const std::vector<Change>& changes);
  // What the bytes allow to change in a reading, in the order of the axes.
  std::vector<Change> alternatives(const Reading& reading);
  // The same where the declared reading cannot be made: what may stand in its place.
  std::vector<Change> replacements();
  // Of the declared files. Null if config.json cannot be read.
  const Config* config();

 private:
  struct Files {
    std::shared_ptr<const Checkpoint> checkpoint;
    Result<Config> config;
    // Once asked for: role_variants() by the config, if it can be read.
    std::optional<std::vector<AnatomyVariant>> roles = std::nullopt;
    std::map<bool, Anatomy> named = {};  // by names, by whether the config is ignored
  };
  Result<Files*> open_files(const std::vector<Change>& changes);
  Result<WeightSet> set_of(const Change& change);
  void add_files_and_numbers(const Checkpoint* checkpoint, Axis axis,
                             std::vector<Change>& out) const;
  const std::vector<AnatomyVariant>& variants(Files& files) const;
  Result<Anatomy> make_roles(Files& files, const std::vector<Change>& changes) const;
  // All ways to label the rows of the embedding; the first one is the declared one.
  struct Labels {
    std::vector<LabelVariant> variants;                             // once asked for
    std::map<std::string, std::shared_ptr<const Vocabulary>> read;  // by words
  };
  const std::vector<LabelVariant>& labels_of(const Checkpoint& checkpoint, uint64_t rows);
  Result<std::shared_ptr<const Vocabulary>> read_labels(const Checkpoint& checkpoint, uint64_t rows,
                                                        const Change* change);

  ReadingSource source_;
  std::map<std::string, Files> files_;  // by the words of the changes of files and numbers
  std::map<std::pair<const Checkpoint*, uint64_t>, Labels> labels_;
};

}  // namespace wmk::checkpoint
