#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/chart.h"

namespace wmk::report {

namespace {

// In units of the view box, which is as wide as the screen of a telephone.
constexpr double kMapWidth = 340, kMapLeft = 40, kMapTop = 34, kMapRight = 4, kLegend = 46;
constexpr double kCellMax = 46;
constexpr size_t kTicksMax = 8;
// Above this many cells the cells have no titles, which would be most of the page; --json has the
// numbers.
constexpr size_t kTitledCellsMax = 6000;

std::string at(double x) { return fixed(x, 2); }

double shade(const HeatMap& map, double value) {
  const double part = std::clamp(value, 0.0, 1.0);
  return map.by_root ? std::sqrt(part) : part;
}

void draw_cells(const HeatMap& map, double cell, Html& page) {
  const size_t columns = map.columns.size();
  const double gap = cell > 6 ? 1 : 0;
  for (size_t i = 0; i < map.values.size(); ++i) {
    const double value = map.values[i];
    if (!std::isfinite(value)) continue;
    page.open("rect", {{"class", "cell"},
                       {"x", at(kMapLeft + static_cast<double>(i % columns) * cell)},
                       {"y", at(kMapTop + static_cast<double>(i / columns) * cell)},
                       {"width", at(cell - gap)},
                       {"height", at(cell - gap)},
                       {"fill-opacity", fixed(shade(map, value), 3)}});
    if (map.values.size() <= kTitledCellsMax) {
      page.element("title", cat(map.row_name, " ", map.rows[i / columns], ", ", map.column_name,
                                " ", map.columns[i % columns], ": ", fixed(value, 4)));
    }
    page.close();
  }
}

void draw_labels(const HeatMap& map, double cell, Html& page) {
  const auto step = [](size_t count) { return (count + kTicksMax - 1) / kTicksMax; };
  for (size_t j = 0; j < map.columns.size(); j += step(map.columns.size())) {
    page.element("text", map.columns[j],
                 {{"x", at(kMapLeft + (static_cast<double>(j) + .5) * cell)},
                  {"y", at(kMapTop - 5)},
                  {"text-anchor", "middle"}});
  }
  for (size_t i = 0; i < map.rows.size(); i += step(map.rows.size())) {
    page.element("text", map.rows[i],
                 {{"x", at(kMapLeft - 5)},
                  {"y", at(kMapTop + (static_cast<double>(i) + .5) * cell + 3.5)},
                  {"text-anchor", "end"}});
  }
  page.element("text", cat(map.column_name, " \u2192"),
               {{"x", at(kMapLeft)}, {"y", "12"}, {"text-anchor", "start"}});
  const double middle = kMapTop + static_cast<double>(map.rows.size()) * cell / 2;
  page.element("text", cat("\u2190 ", map.row_name),
               {{"transform", cat("translate(11 ", at(middle), ") rotate(-90)")},
                {"text-anchor", "middle"}});
}

void draw_legend(const HeatMap& map, double top, Html& page) {
  constexpr int kSteps = 5;
  constexpr double kSwatch = 34;
  for (int i = 0; i < kSteps; ++i) {
    const double part = static_cast<double>(i) / (kSteps - 1);
    const double x = kMapLeft + i * kSwatch;
    for (const char* kind : {"swatch", "swatch-frame"}) {
      page.open("rect", {{"class", kind},
                         {"x", at(x)},
                         {"y", at(top)},
                         {"width", at(kSwatch)},
                         {"height", "9"},
                         {"fill-opacity", fixed(part, 2)}})
          .close();
    }
    page.element("text", fixed(map.by_root ? part * part : part, 2),
                 {{"x", at(x + kSwatch / 2)}, {"y", at(top + 20)}, {"text-anchor", "middle"}});
  }
}

}  // namespace

void draw(const HeatMap& map, Html& page) {
  if (map.rows.empty() || map.columns.empty()) return;
  const auto rows = static_cast<double>(map.rows.size());
  const auto columns = static_cast<double>(map.columns.size());
  const double inner = kMapWidth - kMapLeft - kMapRight;
  const double cell = std::min({inner / columns, inner / rows, kCellMax});
  const double bottom = kMapTop + rows * cell;
  page.open("svg", {{"viewBox", cat("0 0 ", at(kMapWidth), " ", at(bottom + kLegend))},
                    {"role", "img"},
                    {"font-size", "10.5"}});
  page.element("title", map.title);
  page.open("rect", {{"class", "frame"},
                     {"x", at(kMapLeft)},
                     {"y", at(kMapTop)},
                     {"width", at(columns * cell)},
                     {"height", at(rows * cell)}})
      .close();
  draw_cells(map, cell, page);
  draw_labels(map, cell, page);
  draw_legend(map, bottom + 16, page);
  page.close();
}

}  // namespace wmk::report
