// What a detection refers to beside suspect, key and record, from what a user named.
//
// Lifetime: DetectModels owns the opened models, and requests that use it refer to them.
// Thread-safety: one caller.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "library/models/carry_models.h"
#include "verify/detect.h"

namespace wmk::library {

// Places without a path are not given.
struct DetectPlaces {
  std::vector<ModelPlace> controls = {};
  ModelPlace release = {}, original = {};
};

struct DetectModels {
  std::vector<OpenedModel> controls;
  std::unique_ptr<CarryModels> carry;

  // Sets the members of `request` that refer to models.
  void fill(verify::DetectRequest& request) const;
};
// `record`: of the mark, or null. Errors: opening, by role; open_carry_models().
Result<DetectModels> open_detect_models(const DetectPlaces& places,
                                        const embed::MarkRecord* record);

// Sets which sites and readings are tried. `sites`: "ffn,output", or empty for what the rules have;
// `readings`: "declared", "usual" or "all". Errors (invalid_argument): other words.
Status choose(const std::string& sites, const std::string& readings,
              verify::DetectRequest& request);

// Fetches fewer bytes if the suspect, `named` so, is read over the network (specs/remote.md 2.2),
// and tells the answer whether its folder could be listed (2.6).
// After `request.full` was set.
void spare_network(const std::string& named, const checkpoint::ReadingList& suspect,
                   verify::DetectRequest& request);

}  // namespace wmk::library
