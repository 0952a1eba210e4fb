#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "report/chart.h"

namespace wmk::cli {

namespace {

using report::Html;

// A page that a browser can still show; --json has all of them.
constexpr size_t kBarsMax = 1024, kCellsMax = 64 * 1024;

std::vector<std::string> labels(const std::vector<uint64_t>& numbers) {
  std::vector<std::string> out;
  for (const uint64_t number : numbers) out.push_back(std::to_string(number));
  return out;
}

// Layers whose largest score is with one and the same partner each, in words.
std::string map_words(const lineage::LayerMatrix& scores) {
  size_t clear = 0;
  for (size_t i = 0; i < scores.rows.size(); ++i) {
    float top = 0;
    for (size_t j = 0; j < scores.columns.size(); ++j) top = std::max(top, scores.at(i, j));
    clear += top > 10 * scores.chance;
  }
  return cat(clear, " of ", scores.rows.size(),
             " layers of the suspect have a layer in the reference whose score is more than ten "
             "times that of chance.");
}

// Layers of expert shares by expert; NaN where a layer has no such expert.
report::HeatMap expert_map(const lineage::Comparison& found,
                           const std::vector<ExpertMean>& experts) {
  report::HeatMap map{
      "Share of neurons from the reference, by layer and expert", "layer", "expert", {}, {}, {}};
  std::map<std::string, size_t> columns;
  for (const ExpertMean& expert : experts) {
    columns.emplace(expert.name, columns.size());
    const size_t blank = expert.name.find(' ');
    const bool numbered = expert.name.starts_with("expert ");
    map.columns.push_back(numbered ? expert.name.substr(blank + 1) : expert.name.substr(0, blank));
  }
  std::map<uint64_t, size_t> rows;
  for (const auto& share : found.shares) {
    if (rows.emplace(share.layer, rows.size()).second) {
      map.rows.push_back(std::to_string(share.layer));
    }
  }
  map.values.assign(map.rows.size() * map.columns.size(), std::nan(""));
  for (const auto& share : found.shares) {
    map.values[rows[share.layer] * map.columns.size() + columns[expert_name(share)]] = share.share;
  }
  return map;
}

// The longer side along the page.
report::HeatMap lying(report::HeatMap map) {
  const size_t rows = map.rows.size(), columns = map.columns.size();
  if (rows <= columns) return map;
  std::vector<double> values;
  for (size_t j = 0; j < columns; ++j) {
    for (size_t i = 0; i < rows; ++i) values.push_back(map.values[i * columns + j]);
  }
  map.values = std::move(values);
  std::swap(map.rows, map.columns);
  std::swap(map.row_name, map.column_name);
  return map;
}

std::vector<report::Bar> expert_bars(const lineage::Comparison& found,
                                     const std::vector<ExpertMean>& experts) {
  std::vector<report::Bar> out;
  const auto add = [&out](const std::string& label, double share, double sampled) {
    out.push_back(
        {label,
         cat(label, ": ", fixed(100 * share, 1), " % of ", fixed(sampled, 0), " sampled neurons"),
         share});
  };
  if (experts.size() > 1) {
    for (const ExpertMean& expert : experts) add(expert.name, expert.share, expert.sampled);
    return out;
  }
  for (const auto& share : found.shares) {
    add(cat("layer ", share.layer), share.share, static_cast<double>(share.sampled));
  }
  return out;
}

}  // namespace

void add_layer_map(const CompareView& view, Html& page) {
  const lineage::LayerMatrix& scores = view.found.layer_scores;
  page.element("h2", "Layer against layer");
  if (scores.values.empty()) {
    page.element("p",
                 cat("There is no map: ",
                     scores.missing.empty() ? "nothing could be compared" : scores.missing, "."));
    return;
  }
  report::HeatMap map{cat("Heat map: ", scores.what, ". ", map_words(scores)),
                      "suspect layer",
                      "reference layer",
                      labels(scores.rows),
                      labels(scores.columns),
                      {scores.values.begin(), scores.values.end()},
                      true};
  page.open("div", {{"class", "side"}}).open("figure", {{"class", "map"}, {"id", "layers"}});
  report::draw(map, page);
  page.close().open("div");
  page.element("p", cat("Each square is one layer of the suspect beside one of the reference. It "
                        "shows the ",
                        scores.what,
                        ", from 0 (nothing) to 1 (the same); chance "
                        "gives ",
                        fixed(scores.chance, 4), " on average. ", map_words(scores)));
  page.element("p",
               "A dark line from corner to corner is what copied layers look like; a broken or "
               "bent one, layers left out, repeated or moved. Models trained apart give an even, "
               "pale field. The map shows where to look. It is no test, and the verdict does not "
               "use it.");
  page.close().close();
}

void add_experts(const CompareView& view, Html& page) {
  const auto experts = expert_means(view.found);
  page.element("h2", "Neurons that come from the reference");
  if (view.found.shares.empty()) {
    page.element("p", "Neurons could not be compared; the table of tests tells why.");
    return;
  }
  page.element("p",
               "Neurons were drawn from the suspect, and for each the closest one of the reference "
               "was searched three times, by three of its vectors separately. A neuron counts as "
               "coming from the reference where two of the searches name the same partner. Models "
               "trained apart stay near 0 %; narrow ones a little above.");
  page.element("h3", experts.size() > 1 ? "Each expert, over all layers looked at" : "Each layer");
  auto bars = expert_bars(view.found, experts);
  if (bars.size() > kBarsMax) {
    page.element("p", cat("The first ", kBarsMax, " of ", bars.size(), "."));
    bars.resize(kBarsMax);
  }
  report::draw(bars, page);
  std::set<uint64_t> layers;
  for (const auto& share : view.found.shares) layers.insert(share.layer);
  if (experts.size() < 2 || experts.size() > kCellsMax / layers.size()) return;
  page.element("h3", "Layer by layer");
  page.open("figure", {{"class", "map"}, {"id", "experts"}});
  report::draw(lying(expert_map(view.found, experts)), page);
  page.element("figcaption",
               "Darker: more of the expert's sampled neurons come from the "
               "reference. Empty: the layer has no such expert.");
  page.close();
}

}  // namespace wmk::cli
