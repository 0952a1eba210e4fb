#include "cli/scan/scan_results.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <utility>

#include "base/errno_text.h"
#include "base/json.h"

namespace wmk::cli {

namespace {

constexpr std::string_view kYesWords[] = {"conclusive", "detected"};

// A line of results, {"suspect", "answers"}; nullopt: it is something else.
std::optional<json::Document> scan_line(std::string text) {
  auto document = json::Document::parse(std::move(text));
  if (!document) return std::nullopt;
  const auto suspect = document->root().find("suspect");
  const auto answers = document->root().find("answers");
  if (!suspect || !suspect->string() || !answers || !answers->is(json::Kind::array)) {
    return std::nullopt;
  }
  return *std::move(document);
}

json::Value answers_of(const json::Document& line) { return *line.root().find("answers"); }

bool has_error(const json::Document& line) {
  for (const json::Value answer : answers_of(line)) {
    if (answer.find("error")) return true;
  }
  return false;
}

std::string text_of(const json::Value& object, std::string_view key) {
  const auto found = object.find(key);
  return std::string(found ? found->string().value_or("") : "");
}

double number_of(const json::Value& object, std::string_view key) {
  const auto found = object.find(key);
  return found ? found->number().value_or(0) : 0;
}

void count(const json::Document& line, ScanTally& tally) {
  for (const json::Value answer : answers_of(line)) {
    const std::string verdict = answer.find("error") ? "error" : text_of(answer, "verdict");
    ++tally.answers[verdict];
    if (std::find(std::begin(kYesWords), std::end(kYesWords), verdict) == std::end(kYesWords)) {
      continue;
    }
    tally.hits.push_back({text_of(line.root(), "suspect"), text_of(answer, "key"), verdict,
                          number_of(answer, "z"), number_of(answer, "log10_p")});
  }
}

Error of_another_scan(const std::string& path) {
  return Error(ErrorCode::invalid_argument,
               cat(escaped(path), ": holds something else than results of this scan"))
      .with_hint("list, keys, options and program must be the same to go on; --force begins anew");
}

Error not_a_line(const std::string& path, size_t number) {
  return malformed(cat(escaped(path), ": line ", number, " is no line of a scan"));
}

}  // namespace

Result<ScanResults> ScanResults::open(const std::string& path, const std::string& header,
                                      bool anew) {
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  const int descriptor = ::open(path.c_str(), flags, 0644);
  if (descriptor < 0) return errno_error(path, "cannot open", errno);
  ScanResults out(path, descriptor);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) return errno_error(path, "cannot read", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error(ErrorCode::invalid_argument, cat(escaped(path), ": is not a regular file"));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error(ErrorCode::io, cat(escaped(path), ": another scan is writing it"));
  }
  if (anew && ::ftruncate(descriptor, 0) != 0) return errno_error(path, "cannot cut", errno);
  Status status = out.read(header);
  if (!status) return std::move(status).error();
  return out;
}

ScanResults::ScanResults(ScanResults&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      done_(std::move(other.done_)),
      failed_(std::move(other.failed_)) {}

ScanResults::~ScanResults() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status ScanResults::read(const std::string& header) {
  std::ifstream in(path_, std::ios::binary);
  std::string line;
  uint64_t whole = 0;  // bytes of lines that end in a newline
  for (size_t number = 1; std::getline(in, line) && !in.eof(); ++number) {
    whole += line.size() + 1;
    if (number == 1) {
      if (line + "\n" == header) continue;
      return of_another_scan(path_);
    }
    const auto read = scan_line(line);
    if (!read) return not_a_line(path_, number);
    std::string suspect = text_of(read->root(), "suspect");
    failed_.erase(suspect);
    if (has_error(*read)) failed_.insert(suspect);
    done_.insert(std::move(suspect));
  }
  if (in.bad()) return errno_error(path_, "cannot read", EIO);
  if (whole == 0 && !header.starts_with(line)) return of_another_scan(path_);
  if (::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) {
    return errno_error(path_, "cannot cut", errno);
  }
  return whole == 0 ? put(header) : Status();
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
  const std::lock_guard lock(mutex_);
  return put(line);
}

Result<ScanTally> ScanResults::tally() const {
  std::ifstream in(path_, std::ios::binary);
  std::string line;
  std::getline(in, line);
  // By suspect: its last line that has an error.
  std::map<std::string, json::Document> last;
  ScanTally out;
  for (size_t number = 2; std::getline(in, line); ++number) {
    auto read = scan_line(line);
    if (!read) return not_a_line(path_, number);
    const std::string suspect = text_of(read->root(), "suspect");
    last.erase(suspect);
    has_error(*read) ? (void)last.emplace(suspect, *std::move(read)) : count(*read, out);
  }
  for (const auto& [suspect, failed] : last) count(failed, out);
  return out;
}

}  // namespace wmk::cli
