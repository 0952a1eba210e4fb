// One part of a detection, for many machines (specs/parts.md).
//
// Thread-safety: main thread only; starts its own workers.
#pragma once

#include "cli/detect/detect_run.h"

namespace wmk::cli {

// Computes the part and writes its file; returns an ExitCode.
int detect_part(const DetectOptions& options, const Wanted& wanted);

}  // namespace wmk::cli
