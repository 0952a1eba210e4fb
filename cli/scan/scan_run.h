// The suspects of a scan, one after the other or some at the same time.
//
// Thread-safety: main thread only; starts its own workers.
#pragma once

#include "cli/scan/scan_plan.h"
#include "cli/scan/scan_results.h"

namespace wmk::cli {

// Asks each suspect that has no line yet. Errors: writing; those of a suspect are in its line.
Status run_scan(const ScanOptions& options, const ScanPlan& plan, ScanResults& results);

}  // namespace wmk::cli
