#include "cli/verdict_text.h"

namespace wmk::cli {

ExitCode exit_code(report::Level level) {
  if (report::is_yes(level)) return kYes;
  return level == report::Level::not_found ? kNo : kUndecided;
}

}  // namespace wmk::cli
