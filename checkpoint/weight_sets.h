// The sets of weights in a model's folder: which one libraries open, and which others are there.
//
// Purpose: a folder may hold several models, and its owner decides which one is opened first. The
// declared set is the one that transformers opens (specs/checkpoint.md 1.2); the others are named
// in notes and are readings too. Lifetime: plain values. Thread-safety: pure functions; they read
// names, indexes and the first bytes of files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// More sets than this, and folders or files where they are looked for, are left out.
inline constexpr size_t kWeightSetsMax = 32;
inline constexpr size_t kSetFoldersMax = 32;
inline constexpr size_t kSetFilesMax = 2048;

enum class WeightsKind : uint8_t { safetensors, safetensors_index, torch, torch_index, gguf };

struct WeightSet {
  std::string words;  // "model.safetensors", "index model.safetensors.index.json"; all different
  WeightsKind kind = WeightsKind::safetensors;
  std::filesystem::path subfolder;  // relative to the model's folder, or empty
  std::string index;                // its name; empty: the files are a set without one
  std::vector<std::string> files;   // names in the subfolder, sorted; none: the index is damaged

  bool operator==(const WeightSet&) const = default;
};

// All sets of `folder` and its subfolders, in a fixed order: those that transformers would open
// come first, so that the first one is the declared one if it opens any.
std::vector<WeightSet> weight_sets(const std::filesystem::path& folder);

// What "transformers_weights" of config.json names, if it names a file of the folder; transformers
// opens it before all others. Error: it names something else.
Result<std::optional<WeightSet>> configured_set(const std::filesystem::path& folder);
// Its path below the folder, whether it exists or not: a safetensors file or index, not hidden.
Result<std::optional<std::filesystem::path>> configured_path(const std::filesystem::path& folder);

// The files that an index names, sorted; none if it is damaged.
std::vector<std::string> files_of_index(const std::filesystem::path& index,
                                        std::string_view suffix);

// Notes the files of a set that `contents` did not read.
void note_other_set(const WeightSet& set, Contents& contents);

Result<Contents> open_set(const std::filesystem::path& folder, const WeightSet& set);

}  // namespace wmk::checkpoint
