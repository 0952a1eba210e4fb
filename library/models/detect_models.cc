#include "library/models/detect_models.h"

#include "base/text.h"
#include "library/words/site_names.h"

namespace wmk::library {

Result<DetectModels> open_detect_models(const DetectPlaces& places,
                                        const embed::MarkRecord* record) {
  DetectModels out;
  for (const ModelPlace& place : places.controls) {
    auto control = open_declared(place);
    if (!control) return std::move(control).error().within("control");
    out.controls.push_back(*std::move(control));
  }
  auto carry = open_carry_models(places.release, places.original, record);
  if (!carry) return std::move(carry).error();
  out.carry = *std::move(carry);
  return out;
}

void DetectModels::fill(verify::DetectRequest& request) const {
  request.carried = carry->get();
  request.release_labels = carry->release_labels();
  for (const OpenedModel& each : controls) {
    request.controls.push_back({&each.checkpoint, &each.anatomy, &each.vocabulary});
  }
}

Status choose(const std::string& sites, const std::string& readings,
              verify::DetectRequest& request) {
  const auto scope = verify::scope_of(readings);
  if (!scope) {
    return Error(ErrorCode::invalid_argument,
                 cat("readings are 'declared', 'usual' or 'all', not '", escaped(readings), "'"));
  }
  request.readings = *scope;
  if (sites.empty()) return {};
  auto chosen = sites_of(sites);
  if (!chosen) return std::move(chosen).error();
  request.sites = *chosen;
  request.output_if_open = false;
  return {};
}

}  // namespace wmk::library
