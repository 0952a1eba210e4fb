// Words for verdicts, probabilities and frames; shared by detect and trace.
#pragma once

#include <string>

#include "cli/console.h"
#include "report/level.h"
#include "verify/detect.h"

namespace wmk::cli {

ExitCode exit_code(report::Level level);
double log10_of(double ln_p);
// "p < 10^-246", "p < 0.03", "p = 1".
std::string p_text(double ln_p);
std::string frame_text(verify::FrameSource frame);

}  // namespace wmk::cli
