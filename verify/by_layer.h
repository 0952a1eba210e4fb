// Where in the model a mark is: z of each layer and expert separately.
//
// Purpose: for information only. These z are not counted as hypotheses and have no p.
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/detect.h"

namespace wmk::verify {

// One entry for each group, in the order of the model: z of the given shares together.
Result<std::vector<GroupZ>> z_by_group(const checkpoint::Checkpoint& checkpoint,
                                       const checkpoint::Anatomy& anatomy,
                                       const std::vector<embed::Structure>& structures,
                                       embed::TagRule tags, unsigned threads, Progress* progress);

}  // namespace wmk::verify
