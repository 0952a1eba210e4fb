#include "weightmark/detect.h"

#include <chrono>

#include "base/text.h"
#include "library/facade/key_access.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/facade/sentences.h"
#include "library/models/carry_models.h"
#include "library/words/site_names.h"

namespace weightmark {

namespace {

namespace library = wmk::library;
using library::ModelAccess;
using library::OpenedModel;
using wmk::verify::DetectRequest;

// Everything that a request refers to.
struct OpenedRequest {
  std::optional<wmk::embed::MarkRecord> record;
  std::vector<ModelAccess> places;  // of release, original and controls
  std::unique_ptr<library::CarryModels> carry;
  std::vector<OpenedModel> controls;
  DetectRequest request;
};

wmk::Result<library::ModelPlace> place_in(const std::optional<Model>& model,
                                          std::vector<ModelAccess>& places) {
  if (!model) return library::ModelPlace();
  auto access = ModelAccess::open(*model);
  if (!access) return std::move(access).error();
  places.push_back(*std::move(access));
  return places.back().place();
}

wmk::Status open_models(const DetectOptions& options, OpenedRequest& out) {
  auto release = place_in(options.release, out.places);
  if (!release) return std::move(release).error();
  auto original = place_in(options.original, out.places);
  if (!original) return std::move(original).error();
  auto carry = library::open_carry_models(*release, *original, out.record ? &*out.record : nullptr);
  if (!carry) return std::move(carry).error();
  out.carry = *std::move(carry);
  for (const Model& each : options.controls) {
    auto place = place_in(each, out.places);
    if (!place) return std::move(place).error();
    auto control = library::open_declared(*place);
    if (!control) return std::move(control).error().within("control");
    out.controls.push_back(*std::move(control));
  }
  return {};
}

wmk::Status fill_request(const Model& suspect, const DetectOptions& options, OpenedRequest& out) {
  DetectRequest& request = out.request;
  const auto readings = wmk::verify::scope_of(options.readings);
  if (!readings) {
    return wmk::Error(wmk::ErrorCode::invalid_argument,
                      "readings are 'declared', 'usual' or 'all'");
  }
  request.readings = *readings;
  if (!options.sites.empty()) {
    auto sites = library::sites_of(options.sites);
    if (!sites) return std::move(sites).error();
    request.sites = *sites;
    request.output_if_open = false;
  }
  request.record = out.record ? &*out.record : nullptr;
  request.carried = out.carry->get();
  request.release_labels = out.carry->release_labels();
  for (const OpenedModel& each : out.controls) {
    request.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
  request.shares = options.shares;
  request.share = options.share;
  request.full = options.full;
  request.by_layer = options.by_layer;
  request.alpha = options.alpha;
  request.sources = {false, !suspect.base.empty(), !suspect.naming.empty()};
  return {};
}

}  // namespace

Result<Detection> detect(const Model& suspect, const Key& key, const DetectOptions& options,
                         const Run& run) {
  return library::without_exceptions([&]() -> Result<Detection> {
    const auto started = std::chrono::steady_clock::now();
    const auto access = ModelAccess::open(suspect);
    if (!access) return library::public_error(access.error());
    auto readings = library::open_suspect(access->place());
    if (!readings) return library::public_error(readings.error());
    OpenedRequest opened;
    if (!options.record.empty()) {
      auto record = library::load_record(options.record, key.impl().secret, suspect.path);
      if (!record) return library::public_error(record.error());
      opened.record = *std::move(record);
    }
    auto status = open_models(options, opened);
    if (status) status = fill_request(suspect, options, opened);
    if (!status) return library::public_error(status.error());
    library::RunProgress progress(run);
    opened.request.master = &key.impl().secret;
    opened.request.threads = library::threads_of(run);
    opened.request.progress = &progress;
    const auto found = wmk::verify::detect(*readings, opened.request);
    if (!found) return library::public_error(found.error());
    Detection out = library::public_detection(*found, key.fingerprint());
    for (std::string& text : library::notes_of(*readings)) out.notes.push_back(std::move(text));
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
    out.seconds = passed.count();
    return out;
  });
}

}  // namespace weightmark
