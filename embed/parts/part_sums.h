// The sums of one detection, computed by many processes (specs/parts.md 2).
//
// Purpose: a part reads its own blocks of every scan and keeps their sums under the name of the
// scan; a merge takes the sums of all parts where it would read weights. What no part has, the
// merge reads itself, so its answer is that of a detection in one process. Processes that work
// together add up each scan when it is read (specs/processes.md). Lifetime: owns the sums; must
// outlive the scans that refer to it. Thread-safety: one caller.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "embed/parts/sums.h"

namespace wmk::embed {

inline constexpr unsigned kPartsMax = 4096;

// What one process, or all of them, found in a scan: their sums, or why it cannot be read.
struct SharedScan {
  ScanSum sum = {};
  std::optional<Error> fault = {};
};
// That of all processes, from that of each one. Errors: the processes cannot go on.
using SumExchange = std::function<Result<SharedScan>(const std::string& name, SharedScan own)>;

// The sums of one part, by the name of the scan.
using SumsByName = std::map<std::string, ScanSum>;

class PartSums {
 public:
  // Part number `part` of `parts`, from 1.
  PartSums(unsigned part, unsigned parts) : part_(part), parts_(parts) {}
  // A merge of so many parts.
  static PartSums merge_of(unsigned parts) { return PartSums(0, parts); }

  // Process number `part` of those that scan together, in the same order.
  static PartSums shared(unsigned part, unsigned parts, SumExchange exchange);

  bool is_merge() const { return part_ == 0; }
  // A part for a file, which knows nothing of the other ones.
  bool is_kept() const { return !is_merge() && !exchange_; }
  unsigned part() const { return part_; }
  unsigned parts() const { return parts_; }
  // Whether this process reads number `place` of the blocks of a scan.
  bool reads(size_t place) const { return is_merge() || place % parts_ == part_ - 1; }

  // What was read here of a scan of so many blocks. Returns what is known of them: the sums of all
  // processes that scan together, and else those that were given. Each name occurs once. A part
  // keeps its sums, or why it has none: the merge reads that scan, and meets the same fault.
  // Errors: that of `own`, or of another process; those after which status() is an error, too.
  Result<ScanSum> hand_over(const std::string& name, Result<ScanSum> own, uint64_t blocks);
  const SumsByName& own() const { return own_; }
  const std::vector<std::string>& faults() const { return faults_; }

  // Of a merge: adds what one part has. Errors (malformed): other sizes than in an earlier part.
  Status add(const SumsByName& part);
  // The sums of all parts under this name, which together cover `blocks` blocks. Null: they do not
  // all have it.
  const ScanSum* find(const std::string& name, uint64_t blocks);
  // Sums that do not fit their scan: the answer is void.
  void refuse(const std::string& name, std::string_view why);
  // An error: there will be no answer.
  const Status& status() const { return status_; }
  size_t scans_taken() const { return taken_; }
  size_t scans_missed() const { return missed_; }

 private:
  Result<ScanSum> share(const std::string& name, SharedScan own, uint64_t blocks);

  unsigned part_ = 0, parts_ = 0;
  SumExchange exchange_;
  SumsByName own_;                          // of a merge: added up
  std::map<std::string, unsigned> having_;  // how many parts have the scan
  std::vector<std::string> faults_;
  size_t taken_ = 0, missed_ = 0;
  Status status_;
};

// Where a scan finds the sums of its blocks, or keeps them. Without `sums`: a scan of one process.
struct ScanParts {
  PartSums* sums = nullptr;
  std::string name = {};  // of the scan; no two scans of a detection have the same one

  bool are_kept() const { return sums != nullptr && sums->is_kept(); }
  bool are_merged() const { return sums != nullptr && sums->is_merge(); }
  bool reads(size_t place) const { return sums == nullptr || sums->reads(place); }
  Status status() const { return sums == nullptr ? Status() : sums->status(); }
  // The same detection, another scan.
  ScanParts named(const std::string& more) const { return {sums, name + more}; }
};

}  // namespace wmk::embed
