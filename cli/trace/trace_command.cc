#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "cli/adapter_base.h"
#include "cli/detect/carry_options.h"
#include "cli/inputs.h"
#include "cli/trace/logits_trace.h"
#include "cli/trace/trace_answer.h"
#include "cli/verdict_text.h"
#include "library/models/licensee_ids.h"
#include "library/models/shared_detection.h"
#include "mpi/processes.h"
#include "verify/trace/trace.h"

namespace wmk::cli {

namespace {

struct Options {
  CommonOptions common;
  KeyOptions key;
  std::string model, licensees, from_register, base;
  CarryOptions carry;
  LogitsInputs logits;
  double alpha = verify::kDefaultAlpha;
  size_t listed = verify::kTraceListMin;
};

// (all) By the processes of mpirun.
Result<verify::Trace> trace_together(checkpoint::ReadingList& suspect,
                                     verify::TraceRequest& request) {
  if (mpi::place().is_alone()) return verify::trace(suspect, request);
  auto sums = library::sums_of_processes(suspect, request);
  if (!sums) return std::move(sums).error();
  request.sums = &*sums;
  return verify::trace(suspect, request);
}

int trace_licensee(const Options& options) {
  auto key = load_key(options.key);
  if (!key) return fail(key.error());
  auto ids = library::ids_of({{}, options.licensees, options.from_register}, *key,
                             options.common.thread_count());
  if (!ids) return fail(ids.error());
  if (options.logits.are_given()) {
    if (!mpi::place().is_first()) return kYes;
    LogitsInputs inputs = options.logits;
    inputs.alpha = options.alpha;
    return trace_logits(inputs, *ids, options.base, options.listed, *key, options.common);
  }
  const Stopwatch stopwatch;
  const auto local = remote::localise(options.model);
  if (!local) return fail(local.error());
  // An adapter is merged into its base, so the base is part of the model and is not subtracted.
  const bool is_merged = !options.base.empty() && checkpoint::is_adapter(local->path);
  auto suspect = open_suspect(options.model, options.common, is_merged ? options.base : "");
  if (!suspect) return fail(suspect.error());
  std::optional<OpenedModel> base;
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  verify::TraceRequest request;
  const bool subtracts = !options.base.empty() && !is_merged;
  if (subtracts) {
    auto opened = open_declared(options.base, options.common);
    if (!opened) return fail(std::move(opened).error().within("base"));
    base = *std::move(opened);
    request.base = verify::Subject{&base->checkpoint, &base->anatomy, &base->vocabulary};
  }
  auto carry = open_carry_models(options.carry, options.common, nullptr);
  if (!carry) return fail(carry.error());
  request.carried = (*carry)->get();
  request.master = &*key;
  request.licensees = std::move(*ids);
  request.alpha = options.alpha;
  request.listed_min = options.listed;
  request.is_unlisted = remote::is_unlisted(options.model);
  request.sources = {subtracts, is_merged, !options.common.naming.empty()};
  request.threads = options.common.thread_count();
  request.progress = &bar;
  auto found = trace_together(*suspect, request);
  if (!found) return fail(found.error());
  const double seconds = stopwatch.seconds();
  if (is_merged) warn_about_base(options.model, options.base);
  const TraceView view{*found, remote::without_secrets(options.model), crypto::fingerprint(*key),
                       subtracts, seconds};
  say(options.common.json ? trace_json(view) : trace_text(view));
  return exit_code(found->level);
}

}  // namespace

void add_trace_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("trace", "find out which licensee's copy a model is");
  command.example("weightmark trace suspect --key owner.key --licensees ids.txt");
  Option model = command.add_option("model", options->model,
                                    "folder, weights file or index; none with --logits");
  add_key_options(command, options->key);
  Option listed =
      command.add_option("--licensees", options->licensees, "file with licensee ids, one per line");
  command.add_option("--register", options->from_register, "register of licensees, instead")
      .excludes(listed);
  command.add_option(
      "--base", options->base,
      "the release without licensee marks, for a stronger result; or the base model, "
      "if MODEL is an adapter (LoRA, DoRA)");
  const std::vector<Option> of_weights = add_carry_options(command, options->carry);
  add_logits_options(command, model, options->logits, of_weights);
  command.add_option("--alpha", options->alpha, "false-positive rate of 'detected' (1e-9)");
  command.add_option("--list", options->listed, "how many ids are listed at least (20)");
  add_common_options(command, options->common);
  command.callback([options, &action] {
    require_model(options->model, options->logits);
    if (options->licensees.empty() && options->from_register.empty()) missing("--licensees");
    action = [options] { return trace_licensee(*options); };
  });
}

}  // namespace wmk::cli
