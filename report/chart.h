// Charts as inline SVG: heat map, curves, bars, a value on its range.
//
// Purpose: every chart has a title for screen readers. Colours come from the style sheet of the
// page, which has other colours for dark mode and for print. Values that are not finite are left
// out. Thread-safety: pure functions on the caller's Html.
#pragma once

#include <string>
#include <vector>

#include "report/html.h"

namespace wmk::report {

struct HeatMap {
  std::string title;
  std::string row_name, column_name;       // "layer of the suspect"
  std::vector<std::string> rows, columns;  // labels
  std::vector<double> values;              // rows x columns, 0 to 1
  bool by_root = false;  // shade by the square root, so that small squares stay visible
};
void draw(const HeatMap& map, Html& page);

struct CurveChart {
  std::string title;
  std::vector<double> first, second;  // over the same depth; their lengths may differ
};
void draw(const CurveChart& chart, Html& page);

struct Bar {
  std::string label, note;
  double share = 0;        // 0 to 1
  std::string value = {};  // text beside the bar; empty: the share in percent
};
void draw(const std::vector<Bar>& bars, Html& page);

// `value` as a dot on an axis, and the range [low, high] of `others` as a band.
struct RangeMark {
  double value = 0, low = 0, high = 0, axis_low = 0, axis_high = 1;
  const char* others = "unrelated models";
};
void draw(const RangeMark& mark, Html& page);

}  // namespace wmk::report
