// Exit codes of verdicts, shared by detect, trace and demo.
//
// Thread-safety: pure functions.
#pragma once

#include "cli/console.h"
#include "report/level.h"
#include "report/probability.h"
#include "verify/detect.h"

namespace wmk::cli {

ExitCode exit_code(report::Level level);

}  // namespace wmk::cli
