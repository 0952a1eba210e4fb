#include "claims/log/staging.h"

#include <cerrno>
#include <cstdio>

#include "base/errno_text.h"
#include "base/rename.h"

namespace wmk::claims {

namespace fs = std::filesystem;

Result<Staging> Staging::begin(const fs::path& log, const StepHook& hook) {
  const fs::path folder = log / kStagingName;
  std::error_code failure;
  fs::remove_all(folder, failure);
  if (failure) return errno_error(folder, "cannot remove", failure.value());
  if (auto status = step(hook, "make staging folder"); !status) return std::move(status).error();
  fs::create_directory(folder, failure);
  if (failure) return errno_error(folder, "cannot create", failure.value());
  return Staging(log, hook);
}

Status Staging::add(const std::string& name, std::string_view bytes) {
  if (auto status = step(hook_, "write a tile"); !status) return status;
  const fs::path from = log_ / kStagingName / std::to_string(files_.size());
  auto file = WriteFile::create(from);
  if (!file) return std::move(file).error();
  if (auto status = file->write_at(0, as_bytes(bytes)); !status) return status;
  file->begin_sync(0, bytes.size());
  files_.push_back({from, log_ / name, std::move(*file)});
  return {};
}

Status Staging::make_folder_of(const fs::path& file) {
  const fs::path folder = file.parent_path();
  if (!folders_.insert(folder).second) return {};
  if (folder == log_) return {};
  if (auto status = make_folder_of(folder); !status) return status;
  std::error_code failure;
  fs::create_directory(folder, failure);
  if (failure) return errno_error(folder, "cannot create", failure.value());
  return {};
}

Status Staging::move_into_log() {
  for (Staged& staged : files_) {
    if (auto status = staged.file.finish(); !status) return status;
  }
  for (const Staged& staged : files_) {
    if (auto status = make_folder_of(staged.to); !status) return status;
    if (auto status = step(hook_, "rename a tile"); !status) return status;
    if (::rename(staged.from.c_str(), staged.to.c_str()) != 0) {
      return errno_error(staged.to, "cannot rename", errno);
    }
  }
  for (const fs::path& folder : folders_) {
    if (auto status = sync_folder(folder); !status) return status;
  }
  std::error_code ignored;
  fs::remove(log_ / kStagingName, ignored);
  return {};
}

}  // namespace wmk::claims
