// The commands of the program: one function for each, which declares its arguments and its action.
//
// Purpose: main parses the command line, then runs the action of the command that the user named.
// Lifetime: options live in the closure of the action. Thread-safety: main thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "cli/console.h"

namespace wmk::cli {

// What a command does; returns an ExitCode.
using Action = std::function<int()>;

// Options of every long-running command.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  std::string progress = "auto";
  unsigned threads = 0;  // 0: all processors
  std::string naming;    // file of naming rules

  unsigned thread_count() const;
};
void add_common_options(Command command, CommonOptions& options);
// The same without --naming.
void add_output_options(Command command, CommonOptions& options);

// The catalogue of commands: each function adds one to the program.
void add_keygen_command(Command app, Action& action);
void add_embed_command(Command app, Action& action);
void add_detect_command(Command app, Action& action);
void add_scan_command(Command app, Action& action);
void add_trace_command(Command app, Action& action);
void add_licensees_command(Command app, Action& action);
void add_inspect_command(Command app, Action& action);
void add_compare_command(Command app, Action& action);
void add_attack_command(Command app, Action& action);
void add_sign_command(Command app, Action& action);
void add_verify_command(Command app, Action& action);
void add_timestamp_command(Command app, Action& action);
void add_log_command(Command app, Action& action);
void add_commit_command(Command app, Action& action);
void add_disclose_command(Command app, Action& action);
void add_claim_command(Command app, Action& action);
void add_arbitrate_command(Command app, Action& action);
void add_demo_command(Command app, Action& action);

}  // namespace wmk::cli
