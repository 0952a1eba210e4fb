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

namespace {

constexpr std::string_view kSnapshots = "snapshots", kEntryPrefix = "models--", kBlobs = "blobs";
// Marks the store of files that several entries of one cache share.
constexpr std::string_view kSharedBlobsMarker = ".huggingface-shared-blobs";

// STORE/AB/AB..., for an entry whose cache has such a store.
bool is_shared_blob(const fs::path& file, const fs::path& cache) {
  std::error_code ignored;
  const fs::path store = cache / kBlobs;
  return file.parent_path().parent_path() == store &&
         fs::is_regular_file(fs::symlink_status(store / kSharedBlobsMarker, ignored));
}

}  // namespace

std::optional<fs::path> hub_cache_entry(const fs::path& folder) {
  for (fs::path at = folder; at.has_relative_path(); at = at.parent_path()) {
    const fs::path entry = at.parent_path().parent_path();
    if (at.parent_path().filename() == kSnapshots &&
        entry.filename().string().starts_with(kEntryPrefix)) {
      return entry;
    }
  }
  return std::nullopt;
}

bool may_lead_to(const fs::path& target, const fs::path& folder) {
  if (is_inside(target, folder)) return true;
  const auto entry = hub_cache_entry(folder);
  return entry && (is_inside(target, *entry) || is_shared_blob(target, entry->parent_path()));
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
  if (may_lead_to(real_file, real_folder)) return {};
  if (hub_cache_entry(real_folder)) {
    return Error(
               ErrorCode::malformed,
               cat(name, ": is a link that leads out of this model's entry in the download cache"))
        .with_hint("if you trust the link, copy the model with 'cp -rL' first");
  }
  return Error(ErrorCode::malformed, cat(name, ": is a link that leads out of the folder"))
      .with_hint("if you trust the link, copy the model with 'cp -rL' first");
}

}  // namespace wmk::checkpoint
