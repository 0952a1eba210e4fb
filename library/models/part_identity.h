// What the parts of one detection have in common (specs/parts.md 3).
//
// Purpose: sums of another model, or of another question, must not be added. Samples of every
// tensor suffice: this finds a mistake, while the seal of a part keeps out whoever lacks the key.
// Thread-safety: one caller.
#pragma once

#include "embed/parts/part_file.h"
#include "library/models/open_model.h"
#include "verify/trace/trace.h"

namespace wmk::library {

// Errors: reading; no reading of the suspect can be made.
Result<embed::PartIdentity> part_identity(checkpoint::ReadingList& suspect,
                                          const verify::DetectRequest& request);
Result<embed::PartIdentity> part_identity(checkpoint::ReadingList& suspect,
                                          const verify::TraceRequest& request);

// Files, layout and labels of a model.
Result<std::string> model_digest(const OpenedModel& model);

// Why a part of `part` cannot be merged where `own` is asked; none: it can be.
Status check_identity(const embed::PartIdentity& part, const embed::PartIdentity& own);

}  // namespace wmk::library
