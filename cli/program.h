// The program's one table of commands and options.
//
// Purpose: main parses the command line with it, and manual/ writes man pages and completions from
// it, so that they cannot differ. Lifetime: `app` and `action` outlive the parsing. Thread-safety:
// main thread only.
#pragma once

#include "cli/command.h"

namespace wmk::cli {

// Adds all commands and options to `app`; a command that is parsed puts what it does into `action`.
void declare_program(CLI::App& app, Action& action);

}  // namespace wmk::cli
