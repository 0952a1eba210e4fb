// Figures of the page: the map of layers, and the neurons that both models have.
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "cli/compare/compare_view.h"
#include "report/chart.h"

namespace wmk::cli {

namespace {

using report::Html;

// What a browser can still display; --json lists everything.
constexpr size_t kBarsMax = 1024, kCellsMax = 64 * 1024;

std::vector<std::string> labels(const std::vector<uint64_t>& numbers) {
  std::vector<std::string> out;
  for (const uint64_t number : numbers) out.push_back(std::to_string(number));
  return out;
}

// How many layers of the suspect have a clear partner, in a sentence.
std::string map_sentence(const lineage::LayerScores& scores) {
  size_t clear = 0;
  for (size_t i = 0; i < scores.rows.size(); ++i) {
    float top = 0;
    for (size_t j = 0; j < scores.columns.size(); ++j) top = std::max(top, scores.at(i, j));
    clear += top > 10 * scores.chance;
  }
  return cat(clear, " of ", scores.rows.size(),
             " layers of the suspect have a layer in the reference whose score is more than ten "
             "times the score of unrelated layers.");
}

// Shares by layer and expert; NaN if a layer has no such expert.
report::HeatMap expert_map(const lineage::Comparison& found,
                           const std::vector<ExpertMean>& experts) {
  report::HeatMap map{"Share of neurons that the reference has too, by layer and expert",
                      "layer",
                      "expert",
                      {},
                      {},
                      {}};
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

// Transposed if it is higher than wide.
report::HeatMap landscape(report::HeatMap map) {
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
  const lineage::LayerScores& scores = view.found.layer_scores;
  page.element("h2", "Layer against layer");
  if (scores.values.empty()) {
    page.element(
        "p", cat("No map: ", scores.missing.empty() ? "nothing could be compared" : scores.missing,
                 "."));
    return;
  }
  report::HeatMap map{cat("Heat map: ", scores.what, ". ", map_sentence(scores)),
                      "suspect layer",
                      "reference layer",
                      labels(scores.rows),
                      labels(scores.columns),
                      {scores.values.begin(), scores.values.end()},
                      true};
  page.open("div", {{"class", "side"}}).open("figure", {{"class", "map"}, {"id", "layers"}});
  report::draw(map, page);
  page.close().open("div");
  page.element("p",
               cat("Each square compares one layer of the suspect with one layer of the "
                   "reference. It shows the ",
                   scores.what, ", from 0 (nothing in common) to 1 (equal); unrelated layers have ",
                   fixed(scores.chance, 4), " on average. ", map_sentence(scores)));
  page.element("p",
               "Copied layers give a dark line from corner to corner. A broken or bent line means "
               "that layers were left out, repeated or moved. Separately trained models give an "
               "even, pale field. The map shows where to look; it is not a test, and the verdict "
               "does not use it.");
  page.close().close();
}

void add_experts(const CompareView& view, Html& page) {
  const auto experts = expert_means(view.found);
  page.element("h2", "Neurons that both models have");
  if (view.found.shares.empty()) {
    page.element("p", "Neurons could not be compared; the table of tests gives the reason.");
    return;
  }
  page.element("p",
               "For a sample of the suspect's neurons, three separate searches looked for the "
               "closest neuron of the reference, each by another of the neuron's three vectors. A "
               "neuron counts as found in the reference if two of the searches find the same "
               "partner. Separately trained models stay near 0 %, narrow ones slightly above.");
  page.element("h3", experts.size() > 1 ? "Each expert, over all compared layers" : "Each layer");
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
  report::draw(landscape(expert_map(view.found, experts)), page);
  page.element("figcaption",
               "The darker, the more of the expert's sampled neurons the reference has too. Empty: "
               "the layer has no such expert.");
  page.close();
}

}  // namespace wmk::cli
