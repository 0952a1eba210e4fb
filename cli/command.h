// One function a command: it declares words and flags, and leaves what is to be done behind.
//
// Purpose: main parses, then runs the action of the command that was named. Lifetime: options live
// in the action's closure. Thread-safety: main thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "cli/console.h"

namespace wmk::cli {

// What the named command does; returns an ExitCode.
using Action = std::function<int()>;

// Flags that every long-running command has.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  std::string progress = "auto";
  unsigned threads = 0;  // 0: all processors
  std::string naming;    // file of naming rules

  unsigned thread_count() const;
};
void add_common_options(Command command, CommonOptions& options);
// The same without the naming of tensors.
void add_output_options(Command command, CommonOptions& options);

// The catalogue of commands: each adds itself to the program.
void add_keygen_command(Command app, Action& action);
void add_embed_command(Command app, Action& action);
void add_detect_command(Command app, Action& action);
void add_trace_command(Command app, Action& action);
void add_inspect_command(Command app, Action& action);
void add_compare_command(Command app, Action& action);
void add_attack_command(Command app, Action& action);
void add_sign_command(Command app, Action& action);
void add_verify_command(Command app, Action& action);
void add_timestamp_command(Command app, Action& action);
void add_demo_command(Command app, Action& action);

}  // namespace wmk::cli
