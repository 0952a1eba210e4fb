// The suspects of a scan, one after the other or some at the same time.
//
// Lifetime: values. Thread-safety: main thread only; starts its own workers.
#pragma once

#include <string>
#include <vector>

#include "cli/detect/detect_run.h"
#include "cli/scan/scan_options.h"
#include "cli/scan/scan_results.h"

namespace wmk::cli {

struct ScanPlan {
  std::vector<std::string> suspects;
  std::vector<Wanted> wanted;  // the mark of each key
  double alpha_each = 0;       // of a suspect and a key

  // The first line of the results.
  std::string header(const ScanOptions& options) const;
};

// Errors: reading list, keys or records.
Result<ScanPlan> plan_scan(const ScanOptions& options);

// Asks each suspect that has no line yet. Errors: writing; those of a suspect are in its line.
Status run_scan(const ScanOptions& options, const ScanPlan& plan, ScanResults& results);

}  // namespace wmk::cli
