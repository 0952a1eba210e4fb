// The folder of a model.
//
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

// Names of files in `folder` that end in `suffix`, sorted. Hidden files are ignored: copying tools
// and desktops leave them beside the real ones.
Result<std::vector<std::string>> list_files(const std::filesystem::path& folder,
                                            std::string_view suffix);

// `path` is `folder` or lies below it, by their components; both are canonical.
bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder);

// The entry of the Hugging Face cache ("models--owner--name") that holds `folder`, a snapshot or a
// folder in one; both canonical.
std::optional<std::filesystem::path> hub_cache_entry(const std::filesystem::path& folder);

// Whether links in `folder` may lead to `target`: inside the folder or, in a snapshot of the
// Hugging Face cache, inside the same entry of the cache or its store of shared files. Both are
// canonical.
bool may_lead_to(const std::filesystem::path& target, const std::filesystem::path& folder);

// An Error if `file` is a link that leads elsewhere (may_lead_to()): an untrusted model must not
// make this program read or copy other files.
Status check_inside(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace wmk::checkpoint
