// The output head of the release, subtracted from what a suspect's head or logits show
// (specs/licensees.md 3).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/anatomy.h"
#include "embed/output/output_sums.h"

namespace wmk::embed {

using SlotSums = std::vector<std::vector<double>>;  // as OutputReading::slot_sums

// Those of the first head of a release that can be read, for every number of pairs. `labels`: one
// for each row of its embedding. Errors: no head; reading.
Result<SlotSums> slot_sums_of(const checkpoint::Checkpoint& checkpoint,
                              const checkpoint::Anatomy& anatomy,
                              const std::vector<std::string>& labels,
                              const crypto::SecretBytes& master, unsigned threads,
                              Progress* progress);

// Takes the part along the release's sums away from each of `sums`: what both have in common.
// Logits may show a part of the span only, so the release is scaled.
void subtract(const SlotSums& release, SlotSums& sums);

}  // namespace wmk::embed
