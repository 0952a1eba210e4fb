// Reads the disclosed shares in the suspect, in controls and in releases.
//
// Thread-safety: main thread only; starts its own workers.
#pragma once

#include "cli/arbitrate/examine.h"

namespace wmk::cli {

// Fills in the link, the controls and the cross table. Errors: models that cannot be read.
Status read_models(const ArbitrateOptions& options, Case& out);

}  // namespace wmk::cli
