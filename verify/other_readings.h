// Detection in readings that the model does not declare (specs/verdicts.md 2).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/answer.h"
#include "verify/structure_cache.h"

namespace wmk::verify {

// Tries the frames of `declared` that are left, then the other readings of the list as far as the
// request says, until one is conclusive. Each is left early. Readings of the same embedding and
// units, but for an exchange of gate and up, are scored in one pass.
// What cannot be read is a fault of its hypothesis. `structures` are those made so far.
void try_other_readings(checkpoint::ReadingList& list, HypothesisList& places,
                        std::optional<PlannedReading> declared, const DetectRequest& request,
                        StructureCache& structures, Answer& answer);

}  // namespace wmk::verify
