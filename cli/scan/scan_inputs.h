// What a scan is asked with beside suspects and keys: checked once, before the first suspect.
//
// Purpose: a mistake in an option is one error, and no error of every suspect; a scan goes on only
// with the files that it began with. Lifetime: owns the models that options name. Thread-safety:
// main thread only.
#pragma once

#include <string>
#include <vector>

#include "cli/detect/detect_run.h"
#include "cli/scan/scan_options.h"

namespace wmk::cli {

struct ScanInputs {
  library::DetectModels models;      // stay open: what was fetched of them is not fetched again
  std::vector<std::string> digests;  // "record=<SHA-256>", ..., in the order of options
};

// Errors: what detection refuses for any suspect; reading.
Result<ScanInputs> check_inputs(const ScanOptions& options, const std::vector<Wanted>& wanted);

// A hint at an option that a scan does not have becomes another one.
Error in_scan_words(Error error);

}  // namespace wmk::cli
