// What a scan asks: suspects, keys and options, all checked.
//
// Lifetime: a value. Thread-safety: main thread only.
#pragma once

#include <vector>

#include "cli/scan/scan_inputs.h"
#include "cli/scan/scan_line.h"

namespace wmk::cli {

struct ScanPlan {
  ScanAsked asked;
  std::vector<Wanted> wanted;  // the mark of each key, each once
  double alpha_each = 0;       // of a suspect and a key
  ScanInputs inputs;
};

// Errors: reading list, keys or records; those of check_inputs().
Result<ScanPlan> plan_scan(const ScanOptions& options);

}  // namespace wmk::cli
