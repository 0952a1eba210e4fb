#include "cli/model/inspect_view.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model, base;
  bool tensors = false;
};

int inspect(const Options& options) {
  auto model = open_model(options.model, options.common, options.base);
  if (!model) return fail(model.error());
  auto plan = embed::plan_mark(model->anatomy, std::nullopt, std::nullopt);
  if (!plan) return fail(plan.error());
  auto sites =
      embed::plan_sites(model->checkpoint, model->anatomy, *plan, embed::all_sites(), false);
  if (!sites) return fail(sites.error());
  auto notices = checkpoint::find_notices(model->checkpoint.folder());
  if (!notices) return fail(notices.error());
  const InspectView view(*model, remote::without_secrets(options.model), options.tensors, *plan,
                         *std::move(sites), *std::move(notices));
  say(options.common.json ? view.json() : view.text());
  return kYes;
}

}  // namespace

void add_inspect_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("inspect", "what is this checkpoint?");
  command.add_option("model", options->model, "folder, weights file or index").required();
  command.add_option("--base", options->base,
                     "the base model, if MODEL is an adapter (LoRA, DoRA)");
  command.add_flag("--tensors", options->tensors, "list every tensor with its role");
  add_common_options(command, options->common);
  command.callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace wmk::cli
