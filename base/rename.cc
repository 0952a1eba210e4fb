#include "base/rename.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/errno_text.h"

namespace wmk {

namespace fs = std::filesystem;

namespace {

// Whether the file system or the kernel does not know the flag of a renameat2().
bool is_unsupported(int number) {
  return number == EINVAL || number == ENOSYS || number == EOPNOTSUPP;
}

// Where an output is moved that is about to be replaced.
fs::path aside_of(const fs::path& from) { return with_suffix(from, ".old"); }

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(fs::symlink_status(path, ignored));
}

}  // namespace

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
  if (!is_unsupported(errno)) return errno_error(to, "cannot rename", errno);
  if (is_taken(to)) return already_there(to);
  if (::rename(from.c_str(), to.c_str()) != 0) return errno_error(to, "cannot rename", errno);
  return {};
}

Result<fs::path> exchange(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return from;
  if (!is_unsupported(errno)) return errno_error(to, "cannot rename", errno);
  const fs::path aside = aside_of(from);
  const bool is_in_the_way = is_folder(from) || is_folder(to);
  if (is_in_the_way && ::rename(to.c_str(), aside.c_str()) != 0) {
    return errno_error(to, "cannot move", errno);
  }
  if (::rename(from.c_str(), to.c_str()) == 0) return aside;
  const int number = errno;
  if (is_in_the_way) ::rename(aside.c_str(), to.c_str());
  return errno_error(to, "cannot rename", number);
}

Status settle_exchange(const fs::path& from, const fs::path& to) {
  const fs::path aside = aside_of(from);
  std::error_code failure;
  if (is_taken(to)) {
    fs::remove_all(aside, failure);
    if (failure) return errno_error(aside, "cannot remove", failure.value());
  } else if (is_taken(aside) && ::rename(aside.c_str(), to.c_str()) != 0) {
    return errno_error(to, "cannot rename", errno);
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
