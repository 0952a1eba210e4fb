// claim acquire.
//
// Thread-safety: main thread only.
#pragma once

#include "cli/command.h"

namespace wmk::cli {

void add_acquire(Command claim, Action& action);

}  // namespace wmk::cli
