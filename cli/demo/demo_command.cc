// demo: a complete example in a temporary folder, on a synthetic model or on the user's own.
#include "cli/demo/demo_run.h"

namespace wmk::cli {

namespace {

int run_demo(const DemoOptions& options) {
  auto folder = PrivateFolder::make("demo", options.keep);
  if (!folder) return fail(folder.error());
  auto code = DemoRun(options, *folder).run();
  return code ? *code : fail(code.error());
}

}  // namespace

void add_demo_command(Command app, Action& action) {
  auto options = std::make_shared<DemoOptions>();
  Command command =
      app.add_subcommand("demo", "mark, attack and detect a synthetic model, or yours");
  command.example("weightmark demo");
  command.add_option("model", options->model, "your own model (default: a synthetic one)");
  command.add_option("--seed", options->seed,
                     "seed of the synthetic model and the attacks (default 1)");
  command.add_flag("--keep", options->keep, "keep the temporary folder");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return run_demo(*options); }; });
}

}  // namespace wmk::cli
