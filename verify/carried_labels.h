// Labels of a suspect's output head where its tokens were renamed: those of the release's rows that
// its own are nearest to (specs/output.md 7).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "embed/output/output_head.h"
#include "verify/detect.h"

namespace wmk::verify {

struct CarriedLabels {
  CarriedTokens tokens = {};
  std::vector<std::string> labels = {};
  std::vector<uint8_t> used = {};  // 0: the row has no label
  double ln_choices = 0;           // of the assignments that rounding could have made
};

// `request.carried` is set. Too few matched rows are not an error. Errors: reading.
Result<CarriedLabels> carried_labels(const Subject& suspect, const embed::OutputHead& head,
                                     const DetectRequest& request);

}  // namespace wmk::verify
