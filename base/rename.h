// Renaming outputs: never over something by accident, and whole for every reader.
//
// Purpose: the steps that PendingOutput and embed/mark/publish.h are made of. Thread-safety: pure
// functions; they change the file system.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace wmk {

// "." for a path without a folder.
std::filesystem::path parent_of(const std::filesystem::path& path);
std::filesystem::path with_suffix(std::filesystem::path path, std::string_view suffix);
// Whether the name is in use. A dangling link occupies its name as well.
bool is_taken(const std::filesystem::path& path);
Error already_there(const std::filesystem::path& path);

Status sync_folder(const std::filesystem::path& folder);

// Renames without replacing anything, even if the name was taken a moment ago.
Status rename_new(const std::filesystem::path& from, const std::filesystem::path& to);
// Gives the output at `from` the name `to`, which is taken, and returns where the replaced one is
// now. Both names are exchanged in one step where the file system can do that, and a file replaces
// a file in one step everywhere (nothing is left of it then). Elsewhere the old one is moved to
// `from`.old first: after a kill between the two renames nothing has the name `to`, and
// settle_exchange() puts the old one back.
Result<std::filesystem::path> exchange(const std::filesystem::path& from,
                                       const std::filesystem::path& to);
// Finishes what an exchange() that was killed left behind.
Status settle_exchange(const std::filesystem::path& from, const std::filesystem::path& to);
// Renames a complete file in its folder and syncs the folder. Error if `to` exists, unless
// `replace`.
Status rename_file(const std::filesystem::path& from, const std::filesystem::path& to,
                   bool replace);

}  // namespace wmk
