// The files of a model that a signature does not cover.
//
// Purpose: a model with a good signature may still contain ignored and unsigned files. The user
// sees how many bytes they have; uncovered weights files need a separate permission.
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sign/manifest/model_tree.h"

namespace wmk::sign {

// Always left out: the files of git itself (at the top level only).
inline constexpr std::string_view kGitNames[] = {".git", ".gitattributes", ".github", ".gitignore"};

struct Uncovered {
  std::string path;  // a file, or the ignored folder that contains it
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::string why;  // "ignored", "unsigned" or "bundle"
};

// Adds one file to the list, or to the entry of the ignored folder that contains it. Call it with
// sorted entries.
void add_uncovered(std::vector<Uncovered>& list, const TreeEntry& entry, std::string_view why);
// A weights file, by name or by content.
bool is_weights(const ModelTree& tree, const TreeEntry& entry);
// Another bundle inside the model.
bool is_other_bundle(const ModelTree& tree, const TreeEntry& entry);
// The names to ignore, sorted: those of git, and `paths`. A relative path starts at the model's
// folder; a path outside the model is an Error.
Result<std::vector<std::string>> ignored_names(const std::filesystem::path& model,
                                               const std::vector<std::filesystem::path>& paths);

}  // namespace wmk::sign
