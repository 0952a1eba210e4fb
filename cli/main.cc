// weightmark: marks, signs and verifies checkpoints of large language models.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/memory/heap.h"
#include "base/text.h"
#include "cli/misspelt.h"
#include "cli/program.h"
#include "mpi/processes.h"
#include "stats/bf16/kernel.h"

namespace wmk::cli {
namespace {

// Commands that all processes of mpirun work on; others are the first one's work.
constexpr std::array kShared = {"compare", "detect", "embed", "sign", "trace"};

int run(int argc, char** argv) {
  CLI::App app;
  Action action;
  declare_program(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help) == 0 ? kYes : kError;
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version) == 0 ? kYes : kError;
  } catch (const CLI::ParseError& error) {
    // Bad usage is always exit code 2, not one of CLI11's own exit codes.
    if (auto unknown = misspelt(app)) return fail(*std::move(unknown));
    return fail(Error(ErrorCode::invalid_argument, escaped(error.what()))
                    .with_hint("see 'weightmark --help' or 'weightmark COMMAND --help'"));
  }
  if (auto kernel = stats::kernel_choice(); !kernel) return fail(std::move(kernel).error());
  const bool is_shared = std::any_of(kShared.begin(), kShared.end(),
                                     [&](const char* name) { return app.got_subcommand(name); });
  if (!is_shared && !mpi::place().is_first()) return kYes;
  const int code = action();
  if (std::fflush(stdout) != 0) return fail(Error(ErrorCode::io, "cannot write the answer"));
  return code;
}

int guarded(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    return fail(Error(ErrorCode::limit_exceeded, "out of memory")
                    .with_hint("fewer threads need less memory (--threads 1)"));
  } catch (const std::exception& error) {
    return fail(Error(ErrorCode::io, cat("internal error: ", error.what())));
  }
}

}  // namespace
}  // namespace wmk::cli

int main(int argc, char** argv) {
  wmk::keep_freed_memory();
  wmk::mpi::begin(argc, argv, wmk::cli::print_error);
  // A closed pipe or a file size limit is reported as an error and must not end the program.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  if (!wmk::mpi::place().is_first()) wmk::cli::be_silent();
  const int code = wmk::cli::guarded(argc, argv);
  return wmk::mpi::end(code, wmk::cli::failure());
}
