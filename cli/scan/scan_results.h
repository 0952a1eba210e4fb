// The results of a scan: a file of one JSON document a line (specs/scan.md).
//
// Purpose: a scan that was killed goes on where it was. Lifetime: owns the file, and holds its
// lock, so that two scans exclude each other; refers to what is asked. Thread-safety: append()
// locks; the rest is for one caller.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/scan/scan_line.h"

namespace wmk::cli {

class ScanResults {
 public:
  // Opens or makes the file; its first line is that of `asked`. What a killed scan left of its last
  // line is cut off. `anew`: replaces results of any scan. Errors: io; another scan is writing it;
  // results of another scan, or something else.
  static Result<ScanResults> open(const std::string& path, const ScanAsked& asked, bool anew);
  ScanResults(ScanResults&& other) noexcept;
  ScanResults& operator=(ScanResults&&) = delete;
  ~ScanResults();

  // Of a suspect: whether it has a line; whether that has an error.
  bool is_done(size_t suspect) const { return is_done_[suspect]; }
  bool has_error(size_t suspect) const { return of_each_[suspect].errors() > 0; }
  size_t count_done() const;
  // Adds a line, which ends in a newline, and brings it to the disk.
  Status append(const std::string& line);
  // Of all suspects, in the order of the list.
  ScanTally tally() const;

 private:
  ScanResults(std::string path, int descriptor, const ScanAsked& asked);
  Status check_kind() const;
  Status read();
  Status put(const std::string& text) const;
  // Takes a line into account, in place of an earlier one of its suspect.
  Status take(std::string line, size_t number);

  std::string path_;
  int descriptor_ = -1;
  const ScanAsked* asked_;
  std::mutex mutex_;
  std::vector<bool> is_done_;
  std::vector<ScanTally> of_each_;
};

}  // namespace wmk::cli
