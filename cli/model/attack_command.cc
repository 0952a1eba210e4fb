// attack: applies one attack of the catalogue to a model.
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "lab/attacks.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string model, out;
  uint64_t seed = 1;
  bool force = false;
  std::map<std::string, std::string> given;  // values of parameters, by name
};

std::string as_json(const lab::Attack& attack, const Options& options,
                    const lab::AttackOutcome& outcome, double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/attack/v1").member("attack", attack.name);
  out.member("exact", attack.exact).member("seed", options.seed);
  out.key("parameters").begin_object();
  for (const lab::Parameter& parameter : attack.parameters) {
    const auto found = options.given.find(std::string(parameter.name));
    out.member(parameter.name,
               found == options.given.end() ? parameter.default_value : found->second);
  }
  out.end_object().member("output", options.out);
  out.member("tensors", outcome.tensors).member("bytes", outcome.bytes);
  return out.member("seconds", seconds).end_object().finish();
}

std::string as_text(const lab::Attack& attack, const Options& options,
                    const lab::AttackOutcome& outcome, double seconds) {
  const std::string target = escaped(options.out);
  return cat("attacked: ", target, " is a copy after '", attack.name, "' (",
             attack.exact ? "exact: it computes the same function" : "lossy", ")\n  ",
             outcome.tensors, " tensors, ", si(static_cast<double>(outcome.bytes), "B"), " in ",
             duration(seconds), ", seed ", options.seed, "\n  next: weightmark detect ", target,
             " --key KEY\n");
}

int run_attack(const lab::Attack& attack, const Options& options) {
  auto arguments = lab::Arguments::make(attack, options.given, options.seed);
  if (!arguments) return fail(arguments.error());
  const auto path = remote::localise_whole(options.model);
  if (!path) return fail(path.error());
  auto opened = open_model(path->string(), options.common);
  if (!opened) return fail(opened.error());
  auto model = lab::Model::make(std::move(opened->checkpoint), std::move(opened->config),
                                std::move(opened->anatomy));
  if (!model) return fail(model.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  const Stopwatch stopwatch;
  const auto outcome =
      lab::run_attack(attack, *arguments, std::move(*model),
                      {options.out, options.force, options.common.thread_count(), &bar});
  if (!outcome) return fail(outcome.error());
  const double seconds = stopwatch.seconds();
  if (!options.common.quiet) {
    for (const std::string& text : outcome->notes) note(text);
  }
  say(options.common.json ? as_json(attack, options, *outcome, seconds)
                          : as_text(attack, options, *outcome, seconds));
  return kYes;
}

int list_attacks() {
  std::string out;
  for (const lab::Attack& attack : lab::attacks()) {
    std::string name(attack.name);
    name.resize(std::max<size_t>(name.size(), 21), ' ');
    out += cat(name, attack.exact ? "exact  " : "lossy  ", attack.help, "\n");
    for (const lab::Parameter& parameter : attack.parameters) {
      out += cat("    --", parameter.name, " ",
                 parameter.default_value.empty() ? "..." : parameter.default_value, "  ",
                 parameter.help, " (", parameter.unit, ")\n");
    }
  }
  say(out + "  next: weightmark attack NAME MODEL -o OUT\n");
  return kYes;
}

void add_parameter(Command command, const lab::Parameter& parameter,
                   const std::shared_ptr<Options>& options) {
  const std::string name(parameter.name);
  const bool required = parameter.default_value.empty();
  const std::string help =
      cat(parameter.help, " (", parameter.unit,
          required ? std::string() : cat(", default ", parameter.default_value), ")");
  command
      .add_option(
          "--" + name, [options, name](const std::string& text) { options->given[name] = text; },
          help)
      .required(required);
}

void add_attack(Command parent, const lab::Attack& attack, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = parent.add_subcommand(std::string(attack.name), std::string(attack.help));
  command.add_option("model", options->model, "folder, .safetensors file or index").required();
  command.add_option("-o,--out", options->out, "folder of the attacked copy (must not exist)")
      .required();
  command.add_option("--seed", options->seed, "seed of the attack's random numbers (default 1)");
  command.add_flag("--force", options->force, "replace an existing output");
  std::string needed;
  for (const lab::Parameter& parameter : attack.parameters) {
    add_parameter(command, parameter, options);
    if (parameter.default_value.empty()) needed += cat(" --", parameter.name, " other");
  }
  command.example(cat("weightmark attack ", attack.name, " marked", needed, " -o attacked"));
  add_common_options(command, options->common);
  command.callback([options, &attack, &action] {
    action = [options, &attack] { return run_attack(attack, *options); };
  });
}

}  // namespace

void add_attack_command(Command app, Action& action) {
  Command command =
      app.add_subcommand("attack", "apply a transformation to a copy, to test robustness");
  command.example("weightmark attack upcycle marked --experts 8 -o attacked");
  auto list = std::make_shared<bool>(false);
  command.add_flag("--list", *list, "list the attacks and their parameters");
  command.allow_one_subcommand();
  for (const lab::Attack& attack : lab::attacks()) add_attack(command, attack, action);
  command.callback([list, command, &action] {
    if (*list) action = list_attacks;
    if (*list || command.has_subcommand()) return;
    missing("the name of an attack, or --list,");
  });
}

}  // namespace wmk::cli
