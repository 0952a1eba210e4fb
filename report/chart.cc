#include "report/chart.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace wmk::report {

namespace {

constexpr double kChartLeft = 38, kChartRight = 314, kChartTop = 12, kChartBottom = 130;
constexpr double kRangeWidth = 170, kRangeMiddle = 9;

struct Scale {
  double low = 0, high = 1;
  double part(double value) const {
    return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : .5;
  }
};

Scale scale_of(const CurveChart& chart) {
  std::vector<double> all;
  for (const auto* curve : {&chart.first, &chart.second}) {
    std::copy_if(curve->begin(), curve->end(), std::back_inserter(all),
                 [](double v) { return std::isfinite(v); });
  }
  if (all.empty()) return {};
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  return {*low, *high};
}

void draw_curve(const std::vector<double>& curve, const Scale& scale, const char* kind,
                Html& page) {
  std::string points;
  for (size_t i = 0; i < curve.size(); ++i) {
    if (!std::isfinite(curve[i])) continue;
    const double depth =
        curve.size() > 1 ? static_cast<double>(i) / static_cast<double>(curve.size() - 1) : .5;
    points +=
        cat(points.empty() ? "" : " ", fixed(kChartLeft + depth * (kChartRight - kChartLeft), 1),
            ",", fixed(kChartBottom - scale.part(curve[i]) * (kChartBottom - kChartTop), 1));
  }
  page.open("polyline", {{"class", kind}, {"points", points}}).close();
}

void draw_axes(const Scale& scale, Html& page) {
  const std::string left = fixed(kChartLeft, 0), right = fixed(kChartRight, 0);
  for (const double y : {kChartTop, kChartBottom}) {
    page.open("line", {{"class", "grid"},
                       {"x1", left},
                       {"x2", right},
                       {"y1", fixed(y, 0)},
                       {"y2", fixed(y, 0)}})
        .close();
    page.element("text", fixed(y == kChartTop ? scale.high : scale.low, 2),
                 {{"x", fixed(kChartLeft - 5, 0)}, {"y", fixed(y + 4, 0)}, {"text-anchor", "end"}});
  }
  const std::string below = fixed(kChartBottom + 15, 0);
  page.element("text", "first layer", {{"x", left}, {"y", below}});
  page.element("text", "last layer", {{"x", right}, {"y", below}, {"text-anchor", "end"}});
}

}  // namespace

void draw(const CurveChart& chart, Html& page) {
  const Scale scale = scale_of(chart);
  page.open("svg", {{"viewBox", "0 0 320 150"}, {"role", "img"}, {"font-size", "10.5"}});
  page.element("title", chart.title);
  draw_axes(scale, page);
  draw_curve(chart.first, scale, "curve", page);
  draw_curve(chart.second, scale, "curve other", page);  // dashed, so that the first shows through
  page.close();
}

void draw(const std::vector<Bar>& bars, Html& page) {
  page.open("ul", {{"class", "bars"}});
  for (const Bar& bar : bars) {
    const double percent = std::isfinite(bar.share) ? 100 * std::clamp(bar.share, 0.0, 1.0) : 0;
    page.open("li").element("span", bar.label);
    page.open("svg", {{"class", "bar"}, {"role", "img"}, {"preserveAspectRatio", "none"}});
    page.element("title", bar.note);
    page.open("rect", {{"class", "empty"}, {"width", "100%"}, {"height", "100%"}}).close();
    page.open("rect",
              {{"class", "full"}, {"width", cat(fixed(percent, 2), "%")}, {"height", "100%"}})
        .close();
    const std::string value = bar.value.empty() ? cat(fixed(percent, 1), " %") : bar.value;
    page.close().element("span", value, {{"class", "number"}}).close();
  }
  page.close();
}

void draw(const RangeMark& mark, Html& page) {
  const Scale axis{mark.axis_low, mark.axis_high};
  const auto x = [&](double value) { return 5 + axis.part(value) * (kRangeWidth - 10); };
  page.open("svg", {{"class", "range"}, {"viewBox", "0 0 170 18"}, {"role", "img"}});
  page.element("title",
               cat(std::isfinite(mark.value) ? fixed(mark.value, 3) : "no number", "; ",
                   mark.others, " reach ", fixed(mark.low, 2), " to ", fixed(mark.high, 2)));
  page.open("line", {{"class", "grid"},
                     {"x1", "5"},
                     {"x2", fixed(kRangeWidth - 5, 0)},
                     {"y1", fixed(kRangeMiddle, 0)},
                     {"y2", fixed(kRangeMiddle, 0)}})
      .close();
  page.open("rect", {{"class", "band"},
                     {"x", fixed(x(mark.low), 1)},
                     {"width", fixed(std::max(2.0, x(mark.high) - x(mark.low)), 1)},
                     {"y", "4"},
                     {"height", "10"}})
      .close();
  if (std::isfinite(mark.value)) {
    page.open("circle", {{"class", "dot"},
                         {"cx", fixed(x(mark.value), 1)},
                         {"cy", fixed(kRangeMiddle, 0)},
                         {"r", "5"}})
        .close();
  }
  page.close();
}

}  // namespace wmk::report
