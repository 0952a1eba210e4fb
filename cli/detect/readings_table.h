// The readings of a suspect that `detect` tried, as a section of its page.
//
// Thread-safety: a pure function.
#pragma once

#include "report/html.h"
#include "verify/detect.h"

namespace wmk::cli {

// Nothing if only the declared reading was tried.
void add_readings(const verify::Detection& found, report::Html& page);

}  // namespace wmk::cli
