// The subcommand `commit verify`.
//
// Thread-safety: main thread only.
#pragma once

#include "cli/command.h"

namespace wmk::cli {

void add_commit_verify(Command commit, Action& action);

}  // namespace wmk::cli
