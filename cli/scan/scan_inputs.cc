#include "cli/scan/scan_inputs.h"

#include "base/text.h"
#include "embed/scheme/fitting_record.h"
#include "library/models/file_digest.h"
#include "library/models/part_identity.h"
#include "verify/detect_plan.h"

namespace wmk::cli {

namespace {

Status check_questions(const DetectOptions& options, const std::vector<Wanted>& wanted) {
  verify::DetectRequest request;
  Status status = library::choose(options.sites, options.readings, request);
  request.shares = options.shares;
  request.alpha = options.alpha;
  for (const Wanted& each : wanted) {
    if (!status) return status;
    request.record = each.record ? &*each.record : nullptr;
    status = verify::check_request(request);
  }
  return status;
}

Status check_carried(const library::DetectModels& models, const std::vector<Wanted>& wanted) {
  if (!models.carry->frames) return {};
  for (const Wanted& each : wanted) {
    if (!each.record) continue;
    if (Status status = models.carry->frames->check(&*each.record); !status) return status;
  }
  return {};
}

class Digests {
 public:
  Status add_model(const char* name, const library::OpenedModel& model) {
    auto digest = library::model_digest(model);
    if (!digest) return std::move(digest).error().within(name);
    out_.push_back(cat(name, "=", to_hex(as_bytes(*digest))));
    return {};
  }
  Status add_file(const char* name, const std::filesystem::path& path) {
    auto digests = library::digests_of_files({path}, 1);
    if (!digests) return std::move(digests).error();
    out_.push_back(cat(name, "=", digests->front().sha256));
    return {};
  }
  // Also the one that a killed `embed` left beside it, which may be read in its place.
  Status add_record(const std::filesystem::path& path) {
    Status status;
    for (const auto& each : {path, embed::new_record_path(path)}) {
      std::error_code ignored;
      if (status && std::filesystem::exists(each, ignored)) status = add_file("record", each);
    }
    return status;
  }
  std::vector<std::string> finish() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

Result<std::vector<std::string>> digests_of(const ScanOptions& options,
                                            const library::DetectModels& models) {
  Digests out;
  Status status;
  const auto& [release, original] = std::tie(models.carry->release, models.carry->original);
  if (release) status = out.add_model("release", *release);
  if (status && original) status = out.add_model("original", *original);
  for (const library::OpenedModel& each : models.controls) {
    if (status) status = out.add_model("control", each);
  }
  for (const std::string& path : options.records) {
    if (status) status = out.add_record(path);
  }
  const std::string& naming = options.detect.common.naming;
  if (status && !naming.empty()) status = out.add_file("naming", naming);
  if (!status) return std::move(status).error();
  return out.finish();
}

}  // namespace

Error in_scan_words(Error error) {
  if (!error.hint().starts_with("--base ")) return error;
  return std::move(error).with_hint(
      "a scan reads no adapters: merge it into its base first; detect and inspect do so by --base");
}

Result<ScanInputs> check_inputs(const ScanOptions& options, const std::vector<Wanted>& wanted) {
  const DetectOptions& detect = options.detect;
  Status status = check_questions(detect, wanted);
  if (!status) return std::move(status).error();
  const auto rules = library::rules_of(place_of({}, detect.common));
  if (!rules) return rules.error();
  auto models = library::open_detect_models(places_of(detect), nullptr);
  if (!models) return in_scan_words(std::move(models).error());
  status = check_carried(*models, wanted);
  if (!status) return std::move(status).error();
  auto digests = digests_of(options, *models);
  if (!digests) return std::move(digests).error();
  return ScanInputs{*std::move(models), *std::move(digests)};
}

}  // namespace wmk::cli
