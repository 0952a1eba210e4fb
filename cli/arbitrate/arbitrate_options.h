// Options of `arbitrate`.
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace wmk::cli {

struct ArbitrateOptions {
  CommonOptions common;
  std::string claim, trust, counterclaim, acquisition;
  std::string suspect, tokenizer;  // the latter for logits
  std::vector<std::string> logits, logs, controls, ignore_paths;
  std::string release, counter_release;
  std::string report;
  bool force = false;
};

}  // namespace wmk::cli
