#include "checkpoint/model_folder.h"

#include <algorithm>

#include "base/errno_text.h"
#include "base/text.h"

namespace wmk::checkpoint {

namespace fs = std::filesystem;

Result<std::vector<std::string>> list_files(const fs::path& folder, std::string_view suffix) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code ignored;
    std::string name = at->path().filename().string();
    if (name.starts_with('.') || !name.ends_with(suffix) || at->is_directory(ignored)) continue;
    names.push_back(std::move(name));
  }
  if (failure) return errno_error(folder, "cannot list", failure.value());
  std::sort(names.begin(), names.end());
  return names;
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

Status check_inside(const fs::path& folder, const fs::path& file) {
  const std::string name = escaped(file.filename().string());
  std::error_code failure;
  const fs::path real_file = fs::canonical(file, failure);
  if (failure) {
    return Error(ErrorCode::io, cat(name, ": cannot open: ", errno_text(failure.value())));
  }
  const fs::path real_folder = fs::canonical(folder, failure);
  if (failure) return errno_error(folder, "cannot open", failure.value());
  const fs::path inside = real_file.lexically_relative(real_folder);
  if (inside.empty() || *inside.begin() == "..") {
    return Error(ErrorCode::malformed, cat(name, ": is a link that leads out of the folder"))
        .with_hint(
            "if you trust the link (download caches use them), copy the model with 'cp -rL' first");
  }
  return {};
}

}  // namespace wmk::checkpoint
