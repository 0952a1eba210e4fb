// What a signature does not speak for.
//
// Purpose: ignored and unsigned files may lie in a model whose signature is good; the reader must
// see how many bytes they are, and weights among them are a matter of their own.
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sign/manifest/model_tree.h"

namespace wmk::sign {

// Left out in every model: what git keeps beside the files (top level only).
inline constexpr std::string_view kGitNames[] = {".git", ".gitattributes", ".github", ".gitignore"};

struct Uncovered {
  std::string path;  // a file, or the ignored folder it lies in
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::string why;  // "ignored", "unsigned" or "bundle"
};

// Adds one file to the list, or to the line of the ignored folder it lies in: entries come sorted.
void add_uncovered(std::vector<Uncovered>& list, const TreeEntry& entry, std::string_view why);
// By its name: what programs load as weights, or run on loading.
bool is_weights_name(std::string_view name);
// Another signature file, lying in the model.
bool is_other_bundle(const ModelTree& tree, const TreeEntry& entry);
// The names a tree is walked with, sorted: git's, and those of `paths`. A relative
// path begins at the model's folder; one that leads out of it is an Error.
Result<std::vector<std::string>> ignored_names(const std::filesystem::path& model,
                                               const std::vector<std::filesystem::path>& paths);

}  // namespace wmk::sign
