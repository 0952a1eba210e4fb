#include "cli/program.h"

#include <CLI/CLI.hpp>

#include "cli/version.h"

namespace wmk::cli {
namespace {

constexpr const char* kFooter =
    "exit codes: 0 yes or done, 1 no, 2 error (bad usage or unreadable input), 3 undecided\n"
    "example: weightmark keygen owner.key && weightmark embed model/ --key owner.key -o marked/";

}  // namespace

void declare_program(CLI::App& app, Action& action) {
  app.name("weightmark");
  app.description("marks, signs and verifies checkpoints of large language models");
  CLI::Option* version = app.set_version_flag("--version", [&app] {
    return app.count("--verbose") > 0 ? verbose_version_text() : version_text();
  });
  app.add_flag_callback(
         "--verbose", [] {}, "with --version: which kernels multiply matrices, and why")
      ->needs(version);
  app.require_subcommand(1);
  app.footer(kFooter);
  for (const auto add :
       {add_keygen_command, add_embed_command, add_detect_command, add_scan_command,
        add_trace_command, add_licensees_command, add_inspect_command, add_sign_command,
        add_verify_command, add_timestamp_command, add_commit_command, add_disclose_command,
        add_claim_command, add_arbitrate_command, add_log_command, add_compare_command,
        add_attack_command, add_demo_command}) {
    add(Command(&app), action);
  }
}

}  // namespace wmk::cli
