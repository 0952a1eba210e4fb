#include "library/models/carry_models.h"

#include "embed/scheme/label_set.h"

namespace wmk::library {

namespace {

Status open_into(const ModelPlace& place, const char* what, std::optional<OpenedModel>& model) {
  if (place.path.empty()) return {};
  auto opened = open_declared(place);
  if (!opened) return std::move(opened).error().within(what);
  model = *std::move(opened);
  return {};
}

std::optional<verify::Subject> subject_of(const std::optional<OpenedModel>& model) {
  if (!model) return std::nullopt;
  return verify::Subject{&model->checkpoint, &model->anatomy, &model->vocabulary};
}

}  // namespace

Result<std::unique_ptr<CarryModels>> open_carry_models(const ModelPlace& release,
                                                       const ModelPlace& original,
                                                       const embed::MarkRecord* record) {
  auto out = std::make_unique<CarryModels>();
  Status status = open_into(release, "release", out->release);
  if (status) status = open_into(original, "original", out->original);
  if (!status) return std::move(status).error();
  if (!out->release && !out->original) return out;
  out->frames.emplace(subject_of(out->release), subject_of(out->original));
  status = out->frames->check(record);
  if (!status) return std::move(status).error();
  return out;
}

std::vector<uint64_t> CarryModels::release_labels() const {
  const auto& model = release ? release : original;
  return model ? embed::label_hashes(model->vocabulary) : std::vector<uint64_t>();
}

}  // namespace wmk::library
