// The last step of detection: from what was read to a verdict.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/detect.h"

namespace wmk::verify {

// What the scans showed beside the best total.
struct ScanFacts {
  std::optional<OwnReading> own;  // once the model's own frame was read to the end
  uint64_t skipped_units = 0, not_finite_units = 0;  // of the last scan
};

// Whether rows are labelled by number, as the record says.
bool are_ids_recorded(const DetectRequest& request);

// Sets level, doubt and claim; where the answer is not yes, also what was read in all.
// Errors: reading the embedding.
Status conclude(const Subject& subject, const DetectRequest& request, const ScanFacts& facts,
                Detection& out);

}  // namespace wmk::verify
