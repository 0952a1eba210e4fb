#include "cli/detect/group_bars.h"

#include <algorithm>

#include "base/text.h"
#include "cli/detect/site_text.h"
#include "report/chart.h"

namespace wmk::cli {

namespace {

// Bars are scaled to this z at least, so that chance looks small.
constexpr double kTopMin = 4;
// More groups would make the page too large for a browser; --json lists all.
constexpr size_t kBarsMax = 4096;

}  // namespace

void add_group_bars(const std::vector<verify::GroupZ>& groups, report::Html& page) {
  double top = kTopMin;
  for (const verify::GroupZ& group : groups) top = std::max(top, group.z);
  std::vector<report::Bar> bars;
  for (const verify::GroupZ& group : groups) {
    if (bars.size() == kBarsMax) break;
    const std::string name = group_name(group), z = fixed(group.z, 1);
    bars.push_back({name, cat(name, ": z = ", z), std::max(0.0, group.z / top), z});
  }
  if (bars.size() < groups.size()) {
    page.element("p", cat("Only the first ", bars.size(), " of ", groups.size(), " are shown."));
  }
  report::draw(bars, page);
}

}  // namespace wmk::cli
