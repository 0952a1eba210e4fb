#include "cli/scan/scan_results.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>

#include "base/errno_text.h"
#include "base/text.h"
#include "cli/scan/scan_header.h"

namespace wmk::cli {

namespace {

constexpr const char* kAnother = "name another file by -o";

Error not_of_a_scan(const std::string& path) {
  return Error(ErrorCode::invalid_argument,
               cat(escaped(path), ": holds something else than results of a scan"))
      .with_hint(cat(kAnother, "; --force replaces only results of a scan"));
}

Error of_another_scan(const std::string& path, const std::string& theirs, const std::string& own) {
  return Error(ErrorCode::invalid_argument,
               cat(escaped(path), ": is of another scan, which differs in ",
                   scan_difference(theirs, own)))
      .with_hint(cat(kAnother, ", or begin this one anew with --force"));
}

Error is_in_use(const std::string& path) {
  return Error(ErrorCode::io, cat(escaped(path), ": another scan is writing it"))
      .with_hint(cat("wait until it has ended, or ", kAnother));
}

Error in_line(const Error& error, const std::string& path, size_t number) {
  return Error(error.code(), cat(escaped(path), ": line ", number, " ", error.message()))
      .with_hint(cat("remove this line, and its suspect is asked again, or ", kAnother));
}

}  // namespace

ScanResults::ScanResults(std::string path, int descriptor, const ScanAsked& asked)
    : path_(std::move(path)),
      descriptor_(descriptor),
      asked_(&asked),
      is_done_(asked.suspects.size()),
      of_each_(asked.suspects.size()) {}

ScanResults::ScanResults(ScanResults&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      asked_(other.asked_),
      is_done_(std::move(other.is_done_)),
      of_each_(std::move(other.of_each_)) {}

ScanResults::~ScanResults() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<ScanResults> ScanResults::open(const std::string& path, const ScanAsked& asked, bool anew) {
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  const int descriptor = ::open(path.c_str(), flags, 0644);
  if (descriptor < 0) return errno_error(path, "cannot open", errno);
  ScanResults out(path, descriptor, asked);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) return errno_error(path, "cannot read", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error(ErrorCode::invalid_argument, cat(escaped(path), ": is not a regular file"));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return is_in_use(path);
  Status status = out.check_kind();
  if (!status) return std::move(status).error();
  if (anew && ::ftruncate(descriptor, 0) != 0) return errno_error(path, "cannot cut", errno);
  status = out.read();
  if (!status) return std::move(status).error();
  return out;
}

// The file is empty, or begins as results do: those of a scan that was killed may end early.
Status ScanResults::check_kind() const {
  std::string start(kScanHeaderStart.size(), '\0');
  const ssize_t count = ::pread(descriptor_, start.data(), start.size(), 0);
  if (count < 0) return errno_error(path_, "cannot read", errno);
  start.resize(static_cast<size_t>(count));
  return kScanHeaderStart.starts_with(start) ? Status() : not_of_a_scan(path_);
}

Status ScanResults::read() {
  std::ifstream in(path_, std::ios::binary);
  std::string line;
  uint64_t whole = 0;  // bytes of lines that end in a newline
  for (size_t number = 1; std::getline(in, line) && !in.eof(); ++number) {
    whole += line.size() + 1;
    if (number == 1) {
      if (line + "\n" == asked_->header) continue;
      return of_another_scan(path_, line, asked_->header);
    }
    if (Status status = take(line, number); !status) return status;
  }
  if (in.bad()) return errno_error(path_, "cannot read", EIO);
  if (whole == 0 && !asked_->header.starts_with(line)) {
    return of_another_scan(path_, line, asked_->header);
  }
  if (::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) {
    return errno_error(path_, "cannot cut", errno);
  }
  return whole == 0 ? put(asked_->header) : Status();
}

Status ScanResults::take(std::string line, size_t number) {
  auto read = read_scan_line(std::move(line), *asked_);
  if (!read) return in_line(read.error(), path_, number);
  is_done_[read->suspect] = true;
  of_each_[read->suspect] = std::move(read->says);
  return {};
}

Status ScanResults::put(const std::string& text) const {
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(path_, "cannot write", errno);
    rest.remove_prefix(static_cast<size_t>(count));
  }
  if (::fdatasync(descriptor_) != 0) return errno_error(path_, "cannot write", errno);
  return {};
}

Status ScanResults::append(const std::string& line) {
  auto read = read_scan_line(line, *asked_);
  if (!read) return std::move(read).error();
  const std::lock_guard lock(mutex_);
  if (Status status = put(line); !status) return status;
  is_done_[read->suspect] = true;
  of_each_[read->suspect] = std::move(read->says);
  return {};
}

size_t ScanResults::count_done() const {
  return static_cast<size_t>(std::count(is_done_.begin(), is_done_.end(), true));
}

ScanTally ScanResults::tally() const {
  ScanTally out;
  for (const ScanTally& each : of_each_) {
    for (size_t i = 0; i < out.answers.size(); ++i) out.answers[i] += each.answers[i];
    out.hits.insert(out.hits.end(), each.hits.begin(), each.hits.end());
  }
  return out;
}

}  // namespace wmk::cli
