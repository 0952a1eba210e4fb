#include "cli/inputs.h"
#include "cli/model/inspect_view.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model, base;
  bool tensors = false;
};

int inspect_model(const Options& options) {
  auto model = open_model(options.model, options.common, options.base);
  if (!model) return fail(model.error());
  const auto found = library::inspect(*model);
  if (!found) return fail(found.error());
  const InspectView view{*found, remote::without_secrets(options.model), options.tensors};
  say(options.common.json ? inspect_json(view) : inspect_text(view));
  return kYes;
}

}  // namespace

void add_inspect_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("inspect", "what is this checkpoint?");
  command.example("weightmark inspect model");
  command.add_option("model", options->model, "folder, weights file or index").required();
  command.add_option("--base", options->base,
                     "the base model, if MODEL is an adapter (LoRA, DoRA)");
  command.add_flag("--tensors", options->tensors, "list every tensor with its role");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return inspect_model(*options); }; });
}

}  // namespace wmk::cli
