// The options of `scan`.
//
// Lifetime: values. Thread-safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "cli/detect/detect_options.h"

namespace wmk::cli {

struct ScanOptions {
  DetectOptions detect;  // what each suspect is asked; its model and key are not used
  std::string list, results;
  std::vector<std::string> keys, records;
  unsigned jobs = 4;
  bool retry = false, force = false;

  // What decides the answers, but for suspects and keys: "sites=ffn", ... Without secrets.
  std::vector<std::string> decisive() const;
};

void add_scan_options(Command command, ScanOptions& options);

}  // namespace wmk::cli
