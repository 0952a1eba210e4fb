#include "cli/log/log_inputs.h"

namespace wmk::cli {

void add_log_command(Command app, Action& action) {
  Command command = app.add_subcommand(
      "log", "keep a transparency log in a folder, prove entries, cosign other logs");
  command.example("weightmark log init log --log-key log.key");
  command.require_one_subcommand();
  for (const auto add : {add_log_keygen, add_log_init, add_log_append, add_log_prove, add_log_check,
                         add_log_verify, add_log_witness_request, add_log_cosign, add_log_attach}) {
    add(command, action);
  }
}

}  // namespace wmk::cli
