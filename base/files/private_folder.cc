#include "base/files/private_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/text.h"

namespace wmk {

namespace fs = std::filesystem;

namespace {

constexpr int kAttemptsMax = 16;
constexpr size_t kRandomLetters = 6;  // the X of mkdtemp()

// A descriptor with the lock of our own folder; -1 if another run holds it, or it is not ours.
int lock_of_folder(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return -1;
  struct stat held, named;
  if (::fstat(descriptor, &held) == 0 && held.st_uid == ::geteuid() &&
      ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::lstat(path.c_str(), &named) == 0 &&
      held.st_ino == named.st_ino && held.st_dev == named.st_dev) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

// Only what mkdtemp() may have named: a folder that a user has named stays.
bool is_named_by_us(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && name.size() == prefix.size() + kRandomLetters;
}

void remove_abandoned(const fs::path& below, std::string_view prefix) {
  std::error_code ignored;
  for (fs::directory_iterator at(below, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    if (!is_named_by_us(at->path().filename().string(), prefix)) continue;
    const int lock = lock_of_folder(at->path());
    if (lock < 0) continue;
    std::error_code failed;
    fs::remove_all(at->path(), failed);
    ::close(lock);
  }
}

}  // namespace

Result<PrivateFolder> PrivateFolder::make(std::string_view purpose, bool keep) {
  std::error_code failure;
  const fs::path named = fs::temp_directory_path(failure);
  const fs::path below = failure ? fs::path() : fs::canonical(named, failure);
  if (failure) return errno_error(named, "cannot use the temporary folder", failure.value());
  const std::string prefix = cat("weightmark-", keep ? "kept-" : "", purpose, "-");
  if (!keep) remove_abandoned(below, prefix);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    std::string path = (below / cat(prefix, "XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) return errno_error(below, "cannot create", errno);
    // Another run may have taken it for an abandoned one just now.
    const int lock = lock_of_folder(path);
    if (lock >= 0) return PrivateFolder(path, lock, keep);
  }
  return Error(ErrorCode::io, cat(escaped(below.string()), ": cannot create a folder"));
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)), keep_(other.keep_) {}

PrivateFolder::~PrivateFolder() {
  if (lock_ < 0) return;
  std::error_code ignored;
  if (!keep_) fs::remove_all(path_, ignored);
  ::close(lock_);
}

}  // namespace wmk
