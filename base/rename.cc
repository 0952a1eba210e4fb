#include "base/rename.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/errno_text.h"

namespace wmk {

namespace fs = std::filesystem;

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

fs::path with_suffix(fs::path path, std::string_view suffix) {
  path += suffix;
  return path;
}

bool is_taken(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

Error already_there(const fs::path& path) {
  return Error(ErrorCode::invalid_argument, cat(escaped(path.string()), " already exists"))
      .with_hint("use --force to replace it");
}

Status sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno_error(folder, "cannot open", errno);
  const int failure = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  // Some network file systems cannot sync a folder and return EINVAL.
  if (failure != 0 && failure != EINVAL) return errno_error(folder, "cannot sync", failure);
  return {};
}

Status rename_new(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) return already_there(to);
  if (errno != EINVAL && errno != ENOSYS) return errno_error(to, "cannot rename", errno);
  // This file system does not support the flag.
  if (is_taken(to)) return already_there(to);
  if (::rename(from.c_str(), to.c_str()) != 0) return errno_error(to, "cannot rename", errno);
  return {};
}

Status exchange(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return errno_error(to, "cannot rename", errno);
  // This file system does not support the flag.
  std::error_code failure;
  const fs::path aside = with_suffix(from, ".old");
  fs::remove_all(aside, failure);
  if (::rename(to.c_str(), aside.c_str()) != 0) return errno_error(to, "cannot move", errno);
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int number = errno;
    fs::rename(aside, to, failure);
    return errno_error(to, "cannot rename", number);
  }
  if (::rename(aside.c_str(), from.c_str()) != 0) {
    return errno_error(aside, "cannot rename", errno);
  }
  return {};
}

Status rename_file(const fs::path& from, const fs::path& to, bool replace) {
  if (!replace) {
    if (auto status = rename_new(from, to); !status) return status;
  } else if (::rename(from.c_str(), to.c_str()) != 0) {
    return errno_error(to, "cannot rename", errno);
  }
  return sync_folder(parent_of(to));
}

}  // namespace wmk
