// Outputs that appear complete or not at all; see base/file.h.
//
// "out" is built as "out.partial" in the same folder, so that the last step is one rename. The lock
// on "out.partial.lock" shows whether its run still exists: the kernel drops the lock of a killed
// one.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/rename.h"

namespace wmk {
namespace {

namespace fs = std::filesystem;

// "out/" and "./out" mean "out". ".", ".." and "/" cannot be created.
Result<fs::path> checked_final(const fs::path& path) {
  fs::path final_path = path.lexically_normal();
  if (final_path.filename().empty()) final_path = final_path.parent_path();
  const fs::path name = final_path.filename();
  if (name.empty() || name == "." || name == "..") {
    return Error(ErrorCode::invalid_argument,
                 cat("'", escaped(path.string()), "' cannot be an output: it always exists"));
  }
  const fs::path parent = parent_of(final_path);
  std::error_code ignored;
  if (!fs::is_directory(parent, ignored)) {
    return Error(ErrorCode::io, cat(escaped(final_path.string()), ": there is no folder '",
                                    escaped(parent.string()), "' to write into"));
  }
  return final_path;
}

bool is_open_file_at(int descriptor, const fs::path& path) {
  struct stat held, named;
  return ::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

// A descriptor that holds the lock. Its last owner removes the lock file when it is done, possibly
// between our open() and flock(); we would then hold a deleted file, so try again.
Result<int> take_lock(const fs::path& path) {
  while (true) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return errno_error(path, "cannot create", errno);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      const int number = errno;
      ::close(descriptor);
      if (number != EWOULDBLOCK) return errno_error(path, "cannot lock", number);
      return Error(ErrorCode::io,
                   cat(escaped(path.string()), ": another run is writing this output"));
    }
    if (is_open_file_at(descriptor, path)) return descriptor;
    ::close(descriptor);
  }
}

Status sync_tree(const fs::path& folder) {
  std::error_code failure;
  for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (!at->is_directory() || at->is_symlink()) continue;
    if (auto status = sync_folder(at->path()); !status) return status;
  }
  if (failure) return errno_error(folder, "cannot list", failure.value());
  return sync_folder(folder);
}

}  // namespace

Result<PendingOutput> PendingOutput::begin(const fs::path& final_path, Kind kind, bool replace) {
  auto output = reserve(final_path, replace);
  if (!output) return output;
  if (Status status = output->start(kind); !status) return std::move(status).error();
  return output;
}

Result<PendingOutput> PendingOutput::reserve(const fs::path& final_path, bool replace) {
  auto checked = checked_final(final_path);
  if (!checked) return std::move(checked).error();
  if (!replace && is_taken(*checked)) return already_there(*checked);

  const fs::path temporary = with_suffix(*checked, ".partial");
  auto lock = take_lock(with_suffix(temporary, ".lock"));
  if (!lock) return std::move(lock).error();

  PendingOutput output;
  output.final_ = std::move(*checked);
  output.temporary_ = temporary;
  output.lock_ = *lock;
  output.replace_ = replace;
  output.keep_ = true;  // what is there is not ours yet
  output.done_ = false;
  if (auto status = settle_exchange(temporary, output.final_); !status) {
    return std::move(status).error();
  }
  if (!replace && is_taken(output.final_)) return already_there(output.final_);
  return output;
}

Result<PendingOutput> PendingOutput::join(const fs::path& final_path) {
  auto checked = checked_final(final_path);
  if (!checked) return std::move(checked).error();
  PendingOutput output;
  output.temporary_ = with_suffix(*checked, ".partial");
  output.final_ = std::move(*checked);
  output.keep_ = true;
  return output;
}

Status PendingOutput::start(Kind kind) {
  keep_ = false;
  std::error_code failure;
  fs::remove_all(temporary_, failure);
  if (failure) return errno_error(temporary_, "cannot remove", failure.value());
  if (kind == Kind::folder && ::mkdir(temporary_.c_str(), 0777) != 0) {
    return errno_error(temporary_, "cannot create", errno);
  }
  return {};
}

PendingOutput::PendingOutput(PendingOutput&& other) noexcept
    : final_(std::move(other.final_)),
      temporary_(std::move(other.temporary_)),
      replaced_(std::move(other.replaced_)),
      lock_(std::exchange(other.lock_, -1)),
      replace_(other.replace_),
      keep_(other.keep_),
      done_(std::exchange(other.done_, true)) {}

PendingOutput::~PendingOutput() {
  std::error_code ignored;
  if (!done_ && (replaced_ || !keep_)) fs::remove_all(replaced_.value_or(temporary_), ignored);
  if (lock_ < 0) return;
  // Remove the name before releasing the lock: see take_lock().
  fs::remove(with_suffix(temporary_, ".lock"), ignored);
  ::close(lock_);
}

Status PendingOutput::publish() {
  std::error_code ignored;
  if (fs::is_directory(temporary_, ignored)) {
    if (auto status = sync_tree(temporary_); !status) return status;
  }
  if (replace_ && is_taken(final_)) {
    auto replaced = exchange(temporary_, final_);
    if (!replaced) return std::move(replaced).error();
    replaced_ = std::move(*replaced);
  } else {
    if (auto status = rename_new(temporary_, final_); !status) return status;
    done_ = true;
  }
  return sync_folder(parent_of(final_));
}

Status PendingOutput::commit() {
  if (auto status = publish(); !status || done_) return status;
  std::error_code failure;
  fs::remove_all(*replaced_, failure);
  if (failure) return errno_error(*replaced_, "cannot remove the old output", failure.value());
  done_ = true;
  return {};
}

}  // namespace wmk
