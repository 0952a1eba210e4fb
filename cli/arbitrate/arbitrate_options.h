// Options of `arbitrate`.
//
// Lifetime: values. Thread-safety: main thread only.
#pragma once

#include <string>

#include "cli/command.h"
#include "library/cases/case.h"

namespace wmk::cli {

struct ArbitrateOptions : library::CaseRequest {
  CommonOptions common;
  std::string report;
  bool force = false;
};

}  // namespace wmk::cli
