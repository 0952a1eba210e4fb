#include "cli/detect/detect_run.h"

#include "base/parallel.h"
#include "base/text.h"
#include "library/models/detect_parts.h"
#include "library/models/shared_detection.h"

namespace wmk::cli {

namespace {

using Options = DetectOptions;

}  // namespace

library::DetectPlaces places_of(const Options& options) {
  library::DetectPlaces out;
  for (const std::string& path : options.controls) {
    out.controls.push_back(place_of(path, options.common));
  }
  out.release = place_of(options.carry.release, options.common);
  out.original = place_of(options.carry.original, options.common);
  return out;
}

Result<PreparedDetection> prepare_detection(const Options& options, const Wanted& wanted,
                                            checkpoint::ReadingList& suspect, ProgressBar& bar) {
  PreparedDetection out;
  verify::DetectRequest& request = out.request;
  Status status = library::choose(options.sites, options.readings, request);
  if (!status) return std::move(status).error();
  request.record = wanted.record ? &*wanted.record : nullptr;
  auto models = library::open_detect_models(places_of(options), request.record);
  if (!models) return std::move(models).error();
  out.models = *std::move(models);
  out.models.fill(request);
  request.master = wanted.key ? &*wanted.key : nullptr;
  request.disclosed = wanted.share ? &*wanted.share : nullptr;
  request.shares = options.shares;
  request.share = wanted.share ? wanted.share->share : options.share;
  // Parts hold the sums of a full detection.
  request.full = options.full || !options.part.empty() || !options.merge.empty();
  request.by_layer = options.by_layer;
  request.sources = {false, !options.base.empty(), !options.common.naming.empty()};
  request.alpha = options.alpha;
  request.threads = options.common.thread_count();
  library::spare_network(options.model, suspect, request);
  request.progress = &bar;
  return out;
}

Result<verify::Detection> run_detection(const Options& options, const Wanted& wanted,
                                        checkpoint::ReadingList& suspect, ProgressBar& bar,
                                        size_t& scans_missed) {
  auto prepared = prepare_detection(options, wanted, suspect, bar);
  if (!prepared) return std::move(prepared).error();
  const bool is_merge = !options.merge.empty();
  if (!is_merge && !wanted.is_shared) return verify::detect(suspect, prepared->request);
  auto parts = is_merge ? library::merge_detect_parts(options.merge, suspect, prepared->request)
                        : library::sums_of_processes(suspect, prepared->request);
  if (!parts) return std::move(parts).error();
  prepared->request.parts = &*parts;
  auto found = verify::detect(suspect, prepared->request);
  scans_missed = parts->scans_missed();
  return found;
}

Result<Answered> detect_and_digest(const Options& options, const Wanted& wanted,
                                   checkpoint::ReadingList& suspect, ProgressBar& bar) {
  const bool states_program = options.common.json || !options.report.empty();
  const InputPaths paths{options.model, options.base, options.record, options.common.naming,
                         states_program ? kOwnProgram : "",
                         // Over the network only for a page, which lists all digests.
                         !remote::is_remote(options.model) || !options.report.empty()};
  const auto declared = answer_model(suspect, 0);
  std::optional<Result<InputDigests>> digests;
  std::optional<verify::Detection> found;
  size_t scans_missed = 0;
  const unsigned workers = options.common.thread_count() > 1 ? 2 : 1;
  auto status = parallel_for(2, workers, [&](size_t index, unsigned) -> Status {
    if (index == 1) {
      if (declared) digests = input_digests(declared->view(), paths);
      return {};
    }
    auto result = run_detection(options, wanted, suspect, bar, scans_missed);
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
  return Answered{*std::move(found), *std::move(model), **std::move(digests), std::move(notes),
                  scans_missed};
}

std::string owner_of(const DetectView& view) {
  constexpr size_t shown = 16;
  if (view.disclosure == nullptr) return view.fingerprint;
  return cat("signer ", view.disclosure->commitment.commitment->signer.substr(0, shown));
}

DetectView view_of(const DetectOptions& options, const Wanted& wanted, const Answered& answered) {
  DetectView view{answered.found, answered.model.view()};
  view.fingerprint = wanted.fingerprint();
  view.disclosure = wanted.disclosure ? &*wanted.disclosure : nullptr;
  view.digests = answered.digests;
  view.declared_notes = answered.declared_notes;
  view.path = remote::without_secrets(options.model);
  view.base = remote::without_secrets(options.base);
  view.record = options.record;
  view.naming = options.common.naming;
  view.passphrase_file = options.key.passphrase_file;
  for (const std::string& path : options.controls) {
    view.controls.push_back(remote::without_secrets(path));
  }
  view.release = remote::without_secrets(options.carry.release);
  view.original = remote::without_secrets(options.carry.original);
  view.shares = options.shares;
  view.share = options.share;
  view.full = options.full || !options.merge.empty();
  view.by_layer = options.by_layer;
  view.readings = options.readings;
  view.sites = options.sites;
  view.alpha = options.alpha;
  view.disclosure_file = options.disclosure.file;
  return view;
}

}  // namespace wmk::cli
