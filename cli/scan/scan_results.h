// The results of a scan: a file of one JSON document a line (specs/scan.md).
//
// Purpose: a scan that was killed goes on where it was. Lifetime: owns the file, and holds its
// lock, so that two scans exclude each other. Thread-safety: append() locks.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace wmk::cli {

struct ScanHit {
  std::string suspect, key, verdict;
  double z = 0, log10_p = 0;
};

// What the lines say in all.
struct ScanTally {
  std::map<std::string, uint64_t> answers;  // by verdict; "error"
  std::vector<ScanHit> hits;
};

class ScanResults {
 public:
  // Opens or makes the file; its first line is `header`. What a killed scan left of its last line
  // is cut off. Errors: io; another scan is writing it; results of another scan.
  static Result<ScanResults> open(const std::string& path, const std::string& header, bool anew);
  ScanResults(ScanResults&& other) noexcept;
  ScanResults& operator=(ScanResults&&) = delete;
  ~ScanResults();

  // Suspects that have a line; with an error in it.
  const std::set<std::string>& done() const { return done_; }
  const std::set<std::string>& failed() const { return failed_; }
  // Adds a line, which ends in a newline, and brings it to the disk.
  Status append(const std::string& line);
  // Of each suspect's last line. Errors: io.
  Result<ScanTally> tally() const;

 private:
  ScanResults(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  Status read(const std::string& header);
  Status put(const std::string& text) const;

  std::string path_;
  int descriptor_ = -1;
  std::mutex mutex_;
  std::set<std::string> done_, failed_;
};

}  // namespace wmk::cli
