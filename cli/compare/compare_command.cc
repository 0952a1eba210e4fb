// compare: do two checkpoints share weights? No mark is needed.
#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "cli/compare/logits_comparison.h"

namespace wmk::cli {

namespace {

using lineage::LineageVerdict;

struct Options {
  CommonOptions common;
  std::string suspect, reference, base, report;
  std::vector<std::string> also;
  uint64_t seed = 1;
  bool by_expert = false, force = false;
  LogitsComparisonInputs logits;

  bool has_logits() const { return !logits.files.empty(); }
};

struct Models {
  OpenedModel suspect, reference;
  std::vector<OpenedModel> also;
  checkpoint::Notices suspect_notices, reference_notices;
};

Result<Models> open_models(const Options& options) {
  auto suspect = open_model(options.suspect, options.common, options.base);
  if (!suspect) return std::move(suspect).error();
  auto reference = open_model(options.reference, options.common);
  if (!reference) return std::move(reference).error();
  std::vector<OpenedModel> also;
  for (const std::string& path : options.also) {
    auto parent = open_model(path, options.common);
    if (!parent) return std::move(parent).error();
    also.push_back(*std::move(parent));
  }
  constexpr auto scope = checkpoint::NoticeScope::all;
  auto of_suspect = checkpoint::find_notices(suspect->checkpoint.folder(), scope);
  if (!of_suspect) return std::move(of_suspect).error();
  auto of_reference = checkpoint::find_notices(reference->checkpoint.folder(), scope);
  if (!of_reference) return std::move(of_reference).error();
  return Models{*std::move(suspect), *std::move(reference), std::move(also), *std::move(of_suspect),
                *std::move(of_reference)};
}

lineage::Side side_of(const OpenedModel& model) {
  return {&model.checkpoint, &model.config, &model.anatomy, &model.vocabulary, {}};
}

Result<lineage::Comparison> run_tests(const Options& options, const Models& models,
                                      ProgressBar& bar) {
  return lineage::compare({side_of(models.suspect), side_of(models.reference),
                           options.common.thread_count(), options.seed, &bar});
}

// Nothing if no further candidates were named.
Result<std::optional<lineage::ParentFits>> run_parents(const Options& options,
                                                       const Models& models) {
  if (models.also.empty()) return std::optional<lineage::ParentFits>();
  std::vector<lineage::Side> parents = {side_of(models.reference)};
  for (const OpenedModel& model : models.also) parents.push_back(side_of(model));
  auto fits = lineage::fit_parents(side_of(models.suspect), std::move(parents), options.seed,
                                   options.common.thread_count());
  if (!fits) return std::move(fits).error();
  return std::optional(*std::move(fits));
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
  if (options.also.size() >= lineage::kParentsMax) {
    return Error(ErrorCode::invalid_argument,
                 cat("--also: at most ", lineage::kParentsMax - 1, " further candidates"));
  }
  return options.report.empty() ? Status() : try_output(options.report, options.force);
}

// Logits stand in place of the suspect: the only model that is named is the reference.
int compare_with_reference(const Options& options) {
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
  const auto found = run_tests(options, *models, bar);
  if (!found) return fail(found.error());
  auto parents = run_parents(options, *models);
  if (!parents) return fail(parents.error());
  std::vector<ComparedModel> also;
  for (size_t i = 0; i < models->also.size(); ++i) {
    also.push_back({models->also[i], remote::without_secrets(options.also[i]), {}});
  }
  CompareView view{*found,
                   {models->suspect, remote::without_secrets(options.suspect), {}},
                   {models->reference, remote::without_secrets(options.reference), {}},
                   std::move(also),
                   *std::move(parents),
                   lineage::compare_notices(models->suspect_notices, models->reference_notices),
                   models->suspect_notices.is_cut,
                   remote::without_secrets(options.base),
                   options.seed,
                   options.by_expert};
  if (!options.report.empty()) {
    if (auto status = write_report(options, view, bar); !status) return fail(status.error());
  }
  view.seconds = stopwatch.seconds();
  say(options.common.json ? compare_json(view) : compare_text(view));
  return exit_code(found->judgement.verdict);
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
  command
      .add_option("suspect", options->suspect,
                  "folder, weights file or index; with --logits: the reference")
      .required();
  Option reference = command.add_option("reference", options->reference,
                                        "the model that it may share weights with");
  Option base = command.add_option("--base", options->base,
                                   "base model, if SUSPECT is an adapter (LoRA, DoRA)");
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
  add_logits_options(command, options->logits, {reference, base, also, report, by_expert});
  add_common_options(command, options->common);
  command.callback([options, &action] {
    if (!options->has_logits() && options->reference.empty()) missing("reference");
    action = [options] {
      return options->has_logits() ? compare_with_reference(*options) : compare_models(*options);
    };
  });
}

}  // namespace wmk::cli
