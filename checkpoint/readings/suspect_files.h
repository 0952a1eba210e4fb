// The files of a suspect: the declared weights, and each other set in its folder.
//
// Lifetime: owns what it opened; an entry stays where it is. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/shapes/variant.h"
#include "checkpoint/weight_sets.h"

namespace wmk::checkpoint {

struct SuspectSet {
  std::shared_ptr<const Checkpoint> checkpoint;
  Result<Config> config;
  // Once asked for: role_variants() by the config, if it can be read.
  std::optional<std::vector<AnatomyVariant>> roles = std::nullopt;
};

class SuspectFiles {
 public:
  // `base`: of an adapter, or empty; then there are no other sets.
  SuspectFiles(std::filesystem::path path, std::filesystem::path base)
      : path_(std::move(path)), base_(std::move(base)) {}

  // The words of all sets, among them perhaps the declared one.
  std::vector<std::string> words();
  // The set of these words, or the declared one; sets of the same files share an entry.
  Result<SuspectSet*> open(const std::string* words);

 private:
  Result<Checkpoint> open_checkpoint(const std::string* words);
  const std::vector<WeightSet>& sets();

  std::filesystem::path path_, base_;
  std::optional<std::vector<WeightSet>> sets_;  // once asked for
  std::map<std::string, std::shared_ptr<SuspectSet>> opened_;
};

}  // namespace wmk::checkpoint
