// Where in the model a mark is: z of each layer and expert on its own.
//
// Purpose: to look at, not to judge: these z are not counted as hypotheses and carry no p.
// Thread-safety: one caller; brings its own workers.
#pragma once

#include "verify/detect.h"

namespace wmk::verify {

// One entry a group, in the order of the model; the total of the given shares.
Result<std::vector<GroupZ>> z_by_group(const checkpoint::Checkpoint& checkpoint,
                                       const checkpoint::Anatomy& anatomy,
                                       const std::vector<embed::Structure>& structures,
                                       embed::TagRule tags, unsigned threads, Progress* progress);

}  // namespace wmk::verify
