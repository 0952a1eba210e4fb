// Signals of the page that do not count: a table, and the curves over depth.
#include <numeric>

#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "report/chart.h"

namespace wmk::cli {

namespace {

using lineage::TestResult;
using report::Html;

// Divided by the mean, because correlation too compares only the shape over depth.
std::vector<double> shape_of(const std::vector<double>& curve) {
  const double sum = std::accumulate(curve.begin(), curve.end(), 0.0);
  const double mean = curve.empty() ? 1 : sum / static_cast<double>(curve.size());
  std::vector<double> out;
  for (const double value : curve) out.push_back(mean > 0 ? value / mean : value);
  return out;
}

void add_soft_row(const TestResult& test, Html& page) {
  const lineage::Background& background = *test.background;
  const double low = background.low < 0 ? -1 : background.low >= .9 ? .8 : 0;
  page.open("tr").open("th", {{"scope", "row"}}).text(test.name);
  page.element("span", test.statistic, {{"class", "note"}}).close();
  page.open("td", {{"class", "number"}, {"data-name", "Here"}});
  page.element("span", fixed(test.value, 3)).close();
  page.open("td", {{"class", "text"}, {"data-name", "Unrelated models"}}).open("div");
  page.element("span", cat(fixed(background.low, 2), " to ", fixed(background.high, 2)));
  report::draw(report::RangeMark{test.value, background.low, background.high, low, 1}, page);
  page.element("span", background.from, {{"class", "note"}}).close().close();
  page.open("td", {{"class", "text"}, {"data-name", "Why it does not count"}});
  page.element("span", test.note).close().close();
}

void add_soft_table(const CompareView& view, Html& page) {
  page.open("table", {{"class", "cards"}, {"id", "soft"}});
  page.element("caption", "The dot is this pair; the band is the range of unrelated models.");
  page.open("thead").open("tr");
  for (const char* head : {"Signal", "Here", "Unrelated models", "Why it does not count"}) {
    page.element("th", head, {{"scope", "col"}});
  }
  page.close().close().open("tbody");
  for (const TestResult& test : view.found.tests) {
    if (test.background) add_soft_row(test, page);
  }
  page.close().close();
}

void add_curves(const CompareView& view, Html& page) {
  constexpr const char* kParts[] = {"query", "key", "value", "output"};
  const auto &b = view.found.suspect_curves, &a = view.found.reference_curves;
  if (b.of[0].empty() || a.of[0].empty()) return;
  page.element("h3", "Standard deviations over depth");
  page.open("p").text(
      "The standard deviation of the weights of each attention matrix, from the first layer to the "
      "last, each curve divided by its mean: ");
  page.open("span", {{"class", "label"}}).element("span", "", {{"class", "key"}}).text("suspect, ");
  page.element("span", "", {{"class", "key other"}}).text("reference").close().text(". ");
  page.text(
      "Such pairs of curves have been published as proof of copying, but they prove nothing. Depth "
      "has the same effect on all networks: most curves rise or fall over the layers, and any two "
      "with the same trend correlate. Unrelated models have reached .91 (deepseek-llm-7b and "
      "llama-2-7b); a third of simulated independent curves with one trend and moderate noise "
      "exceeds .927 (specs/sigma_curves.md).");
  page.close().open("div", {{"class", "curves"}, {"id", "curves"}});
  for (size_t part = 0; part < 4; ++part) {
    page.open("figure");
    report::draw(report::CurveChart{cat("Standard deviation of the ", kParts[part],
                                        " matrices over depth, suspect and reference"),
                                    shape_of(b.of[part]), shape_of(a.of[part])},
                 page);
    page.element("figcaption", kParts[part]).close();
  }
  page.close();
}

}  // namespace

void add_soft_panel(const CompareView& view, Html& page) {
  page.element("h2", "Signals that do not count");
  page.element("p",
               "These signals look like evidence but are not, because unrelated models share them. "
               "They are listed for completeness; no rule above uses them.");
  add_soft_table(view, page);
  add_curves(view, page);
}

}  // namespace wmk::cli
