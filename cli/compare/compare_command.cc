// compare: do two checkpoints share weights? No mark is needed.
#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "cli/adapter_base.h"
#include "cli/compare/compare_view.h"
#include "cli/compare/logits_comparison.h"
#include "mpi/processes.h"

namespace wmk::cli {

namespace {

using lineage::LineageVerdict;

struct Options {
  CommonOptions common;
  std::string suspect, reference, base, reference_base, report;
  std::vector<std::string> also;
  uint64_t seed = 1;
  bool by_expert = false, force = false;
  LogitsComparisonInputs logits;

  bool has_logits() const { return !logits.files.empty(); }
};

// The reference, whose base has an option of its own.
Result<OpenedModel> open_reference(const Options& options) {
  const auto local = remote::localise(options.reference);
  const bool is_adapter = local && checkpoint::is_adapter(local->path);
  const bool names_base = !options.reference_base.empty();
  std::error_code ignored;
  if (names_base && local && !is_adapter && std::filesystem::exists(local->path, ignored)) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(options.reference),
                     ": is not an adapter; --reference-base is only for adapters"));
  }
  auto opened = open_model(options.reference, options.common, options.reference_base);
  if (opened || !is_adapter || names_base) return opened;
  return std::move(opened).error().with_hint("name its base model with --reference-base");
}

void warn_about_bases(const Options& options) {
  if (options.common.quiet) return;
  if (!options.base.empty()) warn_about_named_base(options.suspect, options.base);
  if (!options.reference_base.empty()) {
    warn_about_named_base(options.reference, options.reference_base);
  }
}

Result<library::ComparedModels> open_models(const Options& options) {
  auto suspect = open_model(options.suspect, options.common, options.base);
  if (!suspect) return std::move(suspect).error();
  auto reference = open_reference(options);
  if (!reference) return std::move(reference).error();
  warn_about_bases(options);
  library::ComparedModels out{*std::move(suspect), *std::move(reference), {}};
  for (const std::string& path : options.also) {
    auto parent = open_model(path, options.common);
    if (!parent) return std::move(parent).error();
    out.also.push_back(*std::move(parent));
  }
  return out;
}

Status write_report(const Options& options, CompareView& view, ProgressBar& bar) {
  std::vector<ComparedModel*> all = {&view.suspect, &view.reference};
  for (ComparedModel& parent : view.also) all.push_back(&parent);
  for (ComparedModel* compared : all) {
    auto files = file_digests(compared->model, options.common.thread_count(), &bar);
    if (!files) return std::move(files).error();
    compared->files = *std::move(files);
  }
  return write_whole(options.report, as_bytes(compare_page(view)), 0644, options.force);
}

// Fails before any work if the report cannot be written or there are too many candidates.
Status check_options(const Options& options) {
  if (Status status = library::check_candidates(options.also.size()); !status) {
    return std::move(status).error().within("--also");
  }
  if (options.report.empty() || !mpi::place().is_first()) return {};
  return try_output(options.report, options.force);
}

// Logits stand in place of the suspect: the only model that is named is the reference.
int compare_with_reference(const Options& options) {
  if (!mpi::place().is_first()) return kYes;
  LogitsComparisonInputs inputs = options.logits;
  inputs.reference = options.suspect;
  inputs.seed = options.seed;
  return compare_with_logits(inputs, options.common);
}

int compare_models(const Options& options) {
  const Stopwatch stopwatch;
  if (auto status = check_options(options); !status) return fail(status.error());
  const auto models = open_models(options);
  if (!models) return fail(models.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  const mpi::Place here = mpi::place();
  auto compared = library::compare_models(
      *models, {options.seed, options.common.thread_count(), &bar, !here.is_alone()});
  if (!compared) return fail(compared.error());
  if (!here.is_first()) return kYes;
  std::vector<ComparedModel> also;
  for (size_t i = 0; i < models->also.size(); ++i) {
    also.push_back({models->also[i], remote::without_secrets(options.also[i]), {}});
  }
  CompareView view{compared->found,
                   {models->suspect, remote::without_secrets(options.suspect), {}},
                   {models->reference, remote::without_secrets(options.reference), {}},
                   std::move(also),
                   std::move(compared->parents),
                   std::move(compared->notices),
                   compared->notices_cut,
                   remote::without_secrets(options.base),
                   remote::without_secrets(options.reference_base),
                   options.seed,
                   options.by_expert};
  if (!options.report.empty()) {
    if (auto status = write_report(options, view, bar); !status) return fail(status.error());
  }
  view.seconds = stopwatch.seconds();
  say(options.common.json ? compare_json(view) : compare_text(view));
  return exit_code(compared->found.judgement.verdict);
}

}  // namespace

ExitCode exit_code(LineageVerdict verdict) {
  switch (verdict) {
    case LineageVerdict::derived:
    case LineageVerdict::partly_derived:
      return kYes;
    case LineageVerdict::no_shared_weights:
      return kNo;
    default:
      return kUndecided;
  }
}

void add_compare_command(Command app, Action& action) {
  auto options = std::make_shared<Options>();
  Command command =
      app.add_subcommand("compare", "do two checkpoints share weights? (no mark needed)");
  command.example("weightmark compare suspect reference --report compare.html");
  command
      .add_option("suspect", options->suspect,
                  "folder, weights file or index; with --logits: the reference")
      .required();
  Option reference = command.add_option("reference", options->reference,
                                        "the model that it may share weights with");
  Option base = command.add_option("--base", options->base,
                                   "base model, if SUSPECT is an adapter (LoRA, DoRA)");
  Option reference_base = command.add_option("--reference-base", options->reference_base,
                                             "base model, if REFERENCE is an adapter (LoRA, DoRA)");
  Option also =
      command.add_option("--also", options->also,
                         "another model that the suspect may have been merged from (repeatable)");
  Option report =
      command.add_option("--report", options->report, "also write the result as one HTML page");
  command.add_flag("--force", options->force, "replace an existing report");
  Option by_expert =
      command.add_flag("--by-expert", options->by_expert,
                       "list the share of each expert's neurons that the reference has too");
  command.add_option("--seed", options->seed,
                     "selects the neurons and tokens that are sampled (default 1)");
  add_logits_options(command, options->logits,
                     {reference, base, reference_base, also, report, by_expert});
  add_common_options(command, options->common);
  command.callback([options, &action] {
    if (!options->has_logits() && options->reference.empty()) missing("reference");
    action = [options] {
      return options->has_logits() ? compare_with_reference(*options) : compare_models(*options);
    };
  });
}

}  // namespace wmk::cli
