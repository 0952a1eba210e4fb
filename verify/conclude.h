// The last step of detection: from what was read to a verdict.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/detect.h"
#include "verify/site_reading.h"

namespace wmk::verify {

// What the scans showed beside the best total.
struct ScanFacts {
  std::optional<OwnReading> own;  // once the model's own frame was read to the end
  uint64_t skipped_units = 0, not_finite_units = 0;  // of the last scan
};

// What a whole scan of the model's own frame showed.
OwnReading own_reading(const DetectPlan& plan, const Hypothesis& hypothesis,
                       const std::vector<SiteReading>& sites);

// Adds what the output head showed with each number of pairs.
void add_output(const DetectPlan& plan, const Hypothesis& hypothesis, const OutputSite& output,
                OwnReading& own);

// Whether rows are labelled by number, as the record says.
bool are_ids_recorded(const DetectRequest& request);

// Each usual reading must have been read far enough to show an untouched copy.
std::optional<Doubt> reading_doubt(checkpoint::ReadingList& readings, ReadingScope scope,
                                   const std::vector<Tried>& tried);
// Why the declared reading is not the one of the answer.
std::string why_not_declared(checkpoint::ReadingList& readings, const std::vector<Tried>& tried);

// Sets level, doubt and claim; where the answer is not yes, also what was read in all.
// Errors: reading the embedding.
Status conclude(checkpoint::ReadingList& readings, const DetectRequest& request,
                const ScanFacts& facts, Detection& out);

}  // namespace wmk::verify
