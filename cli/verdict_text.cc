#include "cli/verdict_text.h"

#include <cmath>
#include <numbers>

#include "base/text.h"

namespace wmk::cli {

ExitCode exit_code(report::Level level) {
  if (report::is_yes(level)) return kYes;
  return level == report::Level::not_found ? kNo : kUndecided;
}

double log10_of(double ln_p) { return ln_p / std::numbers::ln10; }

std::string p_text(double ln_p) {
  if (ln_p >= 0) return "p = 1";
  const double log10_p = log10_of(ln_p);
  if (log10_p > -3) return cat("p < ", fixed(std::pow(10, log10_p), 4));
  // Rounded towards 1, so that the bound stays true.
  return cat("p < 10^", fixed(std::ceil(log10_p), 0));
}

std::string frame_text(verify::FrameSource frame) {
  switch (frame) {
    case verify::FrameSource::strings:
      return "the suspect's own tokens";
    case verify::FrameSource::ids:
      return "the suspect's own token numbers";
    default:
      return "the record";
  }
}

}  // namespace wmk::cli
