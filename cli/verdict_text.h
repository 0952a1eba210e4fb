// Exit codes of verdicts and names of frames, shared by detect, trace and demo.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "cli/console.h"
#include "report/level.h"
#include "report/probability.h"
#include "verify/detect.h"

namespace wmk::cli {

ExitCode exit_code(report::Level level);
std::string frame_text(verify::FrameSource frame);

}  // namespace wmk::cli
