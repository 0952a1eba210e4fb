// Opens the shards listed in an index, whatever their format.
//
// Thread-safety: one caller for one Contents.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Appends one file and its tensors to the contents.
using AddFile = std::function<Status(const std::filesystem::path&)>;

// Reads `index`, calls `add` for each of its files (all end in `suffix`) and checks that the
// tensors appended to `contents` are those of the index. Errors name the index.
Status follow_index(const std::filesystem::path& index, const std::filesystem::path& folder,
                    std::string_view suffix, const AddFile& add, Contents& contents);

// The index in `folder` to follow: the one named `usual`, or the only name that ends in `suffix`;
// empty if there is none.
Result<std::filesystem::path> choose_index(const std::filesystem::path& folder,
                                           std::string_view suffix, std::string_view usual);

// Opens `path`, which is `folder` itself, an index in it (its name ends in `suffix`) or one file.
template <class Opener>
Result<Contents> open_with(Opener opener, const std::filesystem::path& path,
                           const std::filesystem::path& folder, std::string_view suffix) {
  const bool is_index = path.filename().string().ends_with(suffix);
  Status status = path == folder ? opener.open_folder()
                  : is_index     ? opener.open_index(path)
                                 : opener.add_file(path);
  if (!status) return std::move(status).error();
  return opener.take();
}

// "weights file 'x' is not part of the model"
std::string stray_note(std::string_view name);

}  // namespace wmk::checkpoint
