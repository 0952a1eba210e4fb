#include "cli/detect/detect_run.h"

#include "base/parallel.h"
#include "library/words/site_names.h"

namespace wmk::cli {

namespace {

using Options = DetectOptions;

Result<std::vector<OpenedModel>> open_controls(const Options& options) {
  CommonOptions silent = options.common;
  silent.quiet = true;
  std::vector<OpenedModel> out;
  for (const std::string& path : options.controls) {
    auto control = open_declared(path, silent);
    if (!control) return std::move(control).error().within("control");
    out.push_back(*std::move(control));
  }
  return out;
}

Result<verify::Detection> run_detection(const Options& options, const Wanted& wanted,
                                        checkpoint::ReadingList& suspect, ProgressBar& bar) {
  auto controls = open_controls(options);
  if (!controls) return std::move(controls).error();
  const embed::MarkRecord* record = wanted.record ? &*wanted.record : nullptr;
  auto carry = open_carry_models(options.carry, options.common, record);
  if (!carry) return std::move(carry).error();
  verify::DetectRequest request;
  request.master = wanted.key ? &*wanted.key : nullptr;
  request.disclosed = wanted.share ? &*wanted.share : nullptr;
  request.record = record;
  request.shares = options.shares;
  request.share = options.share;
  if (wanted.share) request.share = wanted.share->share;
  request.full = options.full;
  request.carried = (*carry)->get();
  request.release_labels = (*carry)->release_labels();
  request.by_layer = options.by_layer;
  request.readings = *verify::scope_of(options.readings);
  if (!options.sites.empty()) {
    auto sites = library::sites_of(options.sites);
    if (!sites) return std::move(sites).error();
    request.sites = *sites;
    request.output_if_open = false;
  }
  for (const OpenedModel& each : *controls) {
    request.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
  request.sources = {false, !options.base.empty(), !options.common.naming.empty()};
  request.alpha = options.alpha;
  request.threads = options.common.thread_count();
  request.progress = &bar;
  return verify::detect(suspect, request);
}

}  // namespace

Result<Answered> detect_and_digest(const Options& options, const Wanted& wanted,
                                   checkpoint::ReadingList& suspect, ProgressBar& bar) {
  const bool states_program = options.common.json || !options.report.empty();
  const InputPaths paths{options.model, options.base, options.record, options.common.naming,
                         states_program ? kOwnProgram : ""};
  const auto declared = answer_model(suspect, 0);
  std::optional<Result<InputDigests>> digests;
  std::optional<verify::Detection> found;
  const unsigned workers = options.common.thread_count() > 1 ? 2 : 1;
  auto status = parallel_for(2, workers, [&](size_t index, unsigned) -> Status {
    if (index == 1) {
      if (declared) digests = input_digests(declared->view(), paths);
      return {};
    }
    auto result = run_detection(options, wanted, suspect, bar);
    if (!result) return std::move(result).error();
    found = *std::move(result);
    return {};
  });
  if (!status) return std::move(status).error();
  auto model = answer_model(suspect, found->reading);
  if (!model) return std::move(model).error();
  // Another reading may have other files, labels and embedding.
  if (!digests || found->reading > 0) digests = input_digests(model->view(), paths);
  if (!*digests) return std::move(*digests).error();
  std::vector<std::string> notes;
  if (declared && found->reading > 0) notes = declared->notes();
  return Answered{*std::move(found), *std::move(model), **std::move(digests), std::move(notes)};
}

}  // namespace wmk::cli
