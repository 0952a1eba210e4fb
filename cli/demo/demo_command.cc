// demo: the whole story in a temporary folder, on a made-up model or on the user's own.
#include "cli/demo/demo_story.h"

namespace wmk::cli {

namespace {

int tell_story(const DemoOptions& options) {
  auto stage = Stage::make(options.keep);
  if (!stage) return fail(stage.error());
  auto code = Story(options, *stage).tell();
  return code ? *code : fail(code.error());
}

}  // namespace

void add_demo_command(Command app, Action& action) {
  auto options = std::make_shared<DemoOptions>();
  Command command = app.add_subcommand("demo", "the whole story on a made-up model, or on yours");
  command.add_option("model", options->model, "your own model (default: a made-up one)");
  command.add_option("--seed", options->seed, "of the made-up model and the attacks (default 1)");
  command.add_flag("--keep", options->keep, "keep the temporary folder");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return tell_story(*options); }; });
}

}  // namespace wmk::cli
