// Reads the disclosed shares in the suspect, in controls and in releases.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "library/cases/case.h"

namespace wmk::library {

// Fills in the link, the controls and the cross table. Errors: models that cannot be read.
Status read_models(const CaseRequest& request, Case& out);

}  // namespace wmk::library
