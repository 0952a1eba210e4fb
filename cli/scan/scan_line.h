// A line of a scan's results (specs/scan.md 2.2): written, and read again.
//
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/scan/scan_suspects.h"

namespace wmk::cli {

// What the lines of a file answer.
struct ScanAsked {
  std::string header;  // the first line
  std::vector<Suspect> suspects;
  std::vector<std::string> keys;  // fingerprints
};

// As in answers; "error" is where there is none.
inline constexpr std::array<std::string_view, 5> kScanVerdicts = {
    "conclusive", "detected", "undecided", "not_found", "error"};
using ScanCounts = std::array<uint64_t, kScanVerdicts.size()>;  // by verdict

struct ScanHit {
  size_t suspect = 0;  // index
  std::string key, verdict;
  double z = 0, log10_p = 0;
};

// What the last line of a suspect says, or all of them.
struct ScanTally {
  ScanCounts answers = {};
  std::vector<ScanHit> hits;

  uint64_t errors() const { return answers.back(); }
};

struct ScanLine {
  size_t suspect = 0;  // index
  ScanTally says;
};

// Errors (malformed), of which the caller says where: it is no such line; its suspect or its keys
// are not those that are asked.
Result<ScanLine> read_scan_line(std::string text, const ScanAsked& asked);

// With a newline. `answers`: JSON documents, one for each key.
std::string scan_line(const ScanAsked& asked, size_t suspect,
                      const std::vector<std::string>& answers);

}  // namespace wmk::cli
