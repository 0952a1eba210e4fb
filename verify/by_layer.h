// Where in the model a mark is: z of each layer and expert separately.
//
// Purpose: for information only. These z are not counted as hypotheses and have no p.
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/answer.h"

namespace wmk::verify {

// Sets Detection::groups in a second pass with the reading, frame and tag rule of the answer: one
// entry for each group of neurons and then for the heads of each layer, in the order of the model,
// z of the shares of the answer together. Where a window showed what the answer lists of a site,
// the layers of that site are read in it.
Status read_by_layer(Answer& answer, const DetectRequest& request);

}  // namespace wmk::verify
