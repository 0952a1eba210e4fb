#include "weightmark/detect.h"

#include "library/facade/key_access.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/facade/sentences.h"
#include "library/models/detect_models.h"

namespace weightmark {

namespace {

namespace library = wmk::library;
using library::ModelAccess;
using wmk::verify::DetectRequest;

wmk::Result<library::DetectPlaces> places_of(const DetectOptions& options,
                                             std::vector<ModelAccess>& accesses) {
  library::DetectPlaces out;
  for (const Model& each : options.controls) {
    auto control = library::place_of(each, accesses);
    if (!control) return std::move(control).error().within("control");
    out.controls.push_back(*std::move(control));
  }
  auto release = library::place_of(options.release, accesses);
  if (!release) return std::move(release).error().within("release");
  auto original = library::place_of(options.original, accesses);
  if (!original) return std::move(original).error().within("original");
  out.release = *std::move(release);
  out.original = *std::move(original);
  return out;
}

wmk::Result<DetectRequest> request_of(const Model& suspect, const DetectOptions& options) {
  DetectRequest request;
  if (auto status = library::choose(options.sites, options.readings, request); !status) {
    return std::move(status).error();
  }
  request.shares = options.shares;
  request.share = options.share;
  request.full = options.full;
  request.by_layer = options.by_layer;
  request.alpha = options.alpha;
  request.sources = {false, !suspect.base.empty(), !suspect.naming.empty()};
  return request;
}

wmk::Result<Detection> detect_with(const Model& suspect, const Key& key,
                                   const DetectOptions& options, const Run& run) {
  auto request = request_of(suspect, options);
  if (!request) return std::move(request).error();
  const auto access = ModelAccess::open(suspect);
  if (!access) return access.error();
  auto readings = library::open_suspect(access->place());
  if (!readings) return std::move(readings).error();
  std::optional<wmk::embed::MarkRecord> record;
  if (!options.record.empty()) {
    auto read = library::load_record(options.record, key.impl().secret, suspect.path);
    if (!read) return std::move(read).error();
    request->record = &record.emplace(*std::move(read));
  }
  std::vector<ModelAccess> accesses;
  const auto places = places_of(options, accesses);
  if (!places) return places.error();
  const auto models = library::open_detect_models(*places, request->record);
  if (!models) return models.error();
  models->fill(*request);
  library::spare_network(suspect.path, *readings, *request);
  library::RunProgress progress(run);
  request->master = &key.impl().secret;
  request->threads = library::threads_of(run);
  request->progress = &progress;
  const auto found = wmk::verify::detect(*readings, *request);
  if (!found) return found.error();
  Detection out = library::public_detection(*found, key.fingerprint());
  for (std::string& text : library::notes_of(*readings)) out.notes.push_back(std::move(text));
  return out;
}

}  // namespace

Result<Detection> detect(const Model& suspect, const Key& key, const DetectOptions& options,
                         const Run& run) {
  return library::timed<Detection>([&] { return detect_with(suspect, key, options, run); });
}

}  // namespace weightmark
