// z of each layer, site and expert as bars on a page.
//
// Thread-safety: pure functions on the caller's Html.
#pragma once

#include <vector>

#include "report/html.h"
#include "verify/detect.h"

namespace wmk::cli {

// The first 4,096 groups, and a sentence if there are more.
void add_group_bars(const std::vector<verify::GroupZ>& groups, report::Html& page);

}  // namespace wmk::cli
