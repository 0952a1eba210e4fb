#include "weightmark/detect.h"

#include <memory>

#include "base/text.h"
#include "library/facade/key_access.h"
#include "library/facade/model_access.h"
#include "library/facade/run_progress.h"
#include "library/facade/sentences.h"
#include "library/facade/word_of.h"
#include "library/models/detect_models.h"
#include "library/models/detect_parts.h"

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
  request.full = options.full || !options.parts.empty();
  request.by_layer = options.by_layer;
  request.alpha = options.alpha;
  request.sources = {false, !suspect.base.empty(), !suspect.naming.empty()};
  return request;
}

// A request with everything that it refers to.
class Inquiry {
 public:
  // Refers to the arguments.
  static wmk::Result<std::unique_ptr<Inquiry>> make(const Model& suspect, const Key& key,
                                                    const DetectOptions& options, const Run& run) {
    auto request = request_of(suspect, options);
    if (!request) return std::move(request).error();
    auto access = ModelAccess::open(suspect);
    if (!access) return std::move(access).error();
    auto readings = library::open_suspect(access->place());
    if (!readings) return std::move(readings).error();
    auto out = std::unique_ptr<Inquiry>(
        new Inquiry(*std::move(access), *std::move(readings), *std::move(request), run));
    wmk::Status status = out->fill(suspect, key, options, run);
    if (!status) return std::move(status).error();
    return out;
  }

  wmk::checkpoint::ReadingList& readings() { return readings_; }
  DetectRequest& request() { return request_; }

 private:
  Inquiry(ModelAccess access, wmk::checkpoint::ReadingList readings, DetectRequest request,
          const Run& run)
      : access_(std::move(access)),
        readings_(std::move(readings)),
        request_(std::move(request)),
        progress_(run) {}

  wmk::Status fill(const Model& suspect, const Key& key, const DetectOptions& options,
                   const Run& run) {
    if (!options.record.empty()) {
      auto read = library::load_record(options.record, key.impl().secret, suspect.path);
      if (!read) return std::move(read).error();
      request_.record = &record_.emplace(*std::move(read));
    }
    const auto places = places_of(options, accesses_);
    if (!places) return places.error();
    auto models = library::open_detect_models(*places, request_.record);
    if (!models) return std::move(models).error();
    models_ = *std::move(models);
    models_.fill(request_);
    library::spare_network(suspect.path, readings_, request_);
    request_.master = &key.impl().secret;
    request_.threads = library::threads_of(run);
    request_.progress = &progress_;
    return {};
  }

  const ModelAccess access_;
  std::vector<ModelAccess> accesses_;
  wmk::checkpoint::ReadingList readings_;
  std::optional<wmk::embed::MarkRecord> record_;
  library::DetectModels models_;
  DetectRequest request_;
  library::RunProgress progress_;
};

wmk::Result<Detection> detect_with(const Model& suspect, const Key& key,
                                   const DetectOptions& options, const Run& run) {
  auto made = Inquiry::make(suspect, key, options, run);
  if (!made) return std::move(made).error();
  Inquiry& inquiry = **made;
  std::optional<wmk::embed::PartSums> parts;
  if (!options.parts.empty()) {
    auto merged = library::merge_detect_parts(options.parts, inquiry.readings(), inquiry.request());
    if (!merged) return std::move(merged).error();
    inquiry.request().parts = &parts.emplace(*std::move(merged));
  }
  const auto found = wmk::verify::detect(inquiry.readings(), inquiry.request());
  if (!found) return found.error();
  Detection out = library::public_detection(*found, key.fingerprint());
  for (std::string& text : library::notes_of(inquiry.readings())) {
    out.notes.push_back(std::move(text));
  }
  return out;
}

wmk::Result<PartWritten> write_with(const Model& suspect, const Key& key, const PartOptions& part,
                                    const DetectOptions& options, const Run& run) {
  const auto number = library::part_number(wmk::cat(part.part, "/", part.parts));
  if (!number) return number.error();
  DetectOptions full = options;
  full.full = true;
  auto made = Inquiry::make(suspect, key, full, run);
  if (!made) return std::move(made).error();
  const auto written = library::write_detect_part((*made)->readings(), (*made)->request(), *number,
                                                  part.out, part.replace);
  if (!written) return written.error();
  return PartWritten{written->scans, written->bytes_read, written->bytes_written, written->faults,
                     0};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  return library::word_of<Verdict, 4>(verdict,
                                      {"conclusive", "detected", "undecided", "not_found"});
}

Result<Detection> detect(const Model& suspect, const Key& key, const DetectOptions& options,
                         const Run& run) {
  return library::timed<Detection>([&] { return detect_with(suspect, key, options, run); });
}

Result<PartWritten> write_part(const Model& suspect, const Key& key, const PartOptions& part,
                               const DetectOptions& options, const Run& run) {
  return library::timed<PartWritten>([&] { return write_with(suspect, key, part, options, run); });
}

}  // namespace weightmark
