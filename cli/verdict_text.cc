#include "cli/verdict_text.h"

namespace wmk::cli {

ExitCode exit_code(report::Level level) {
  if (report::is_yes(level)) return kYes;
  return level == report::Level::not_found ? kNo : kUndecided;
}

std::string frame_text(verify::FrameSource frame) {
  switch (frame) {
    case verify::FrameSource::strings:
      return "the suspect's own tokens";
    case verify::FrameSource::ids:
      return "the suspect's own token numbers";
    case verify::FrameSource::shared:
      return "the suspect's own tokens that the release has too";
    case verify::FrameSource::recorded:
      return "the record";
    default:
      return "the release, carried by neurons";
  }
}

}  // namespace wmk::cli
