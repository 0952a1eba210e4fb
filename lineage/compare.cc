#include "lineage/compare.h"

#include <algorithm>

#include "lineage/align/embedding_basis.h"
#include "lineage/catalogue.h"
#include "lineage/forensics/copy_forensics.h"
#include "lineage/forensics/quantisation_grid_shares.h"
#include "lineage/forensics/soft_panel.h"
#include "lineage/model/progress_stage.h"
#include "lineage/tower/tower.h"

namespace wmk::lineage {

namespace {

// The p-values of every gauge pay for all that could have been tried.
constexpr double kGauges = 3;
constexpr double kSettledEffect = 0.5;
// Models that share fixed points of a permutation by chance, or a few large coordinates, agree a
// little in coordinates that are not theirs: then others are tried as well.
constexpr double kClearEffect = 0.1;

Result<Comparison> run_in(const Pair& pair, const Gauge& gauge, const Common& common) {
  Comparison out;
  out.gauge = gauge.kind;
  auto layers = layers_of(pair, gauge, common, out.tests);
  if (!layers) return std::move(layers).error();
  out.layers = *std::move(layers);
  if (auto status = run_catalogue({pair, gauge, common, out}); !status) {
    return std::move(status).error();
  }
  out.judgement = judge(out.tests, kGauges, gauge.keeps_places());
  return out;
}

size_t hits(const Comparison& comparison) {
  const auto& families = comparison.judgement.families;
  return static_cast<size_t>(std::count_if(families.begin(), families.end(),
                                           [](const FamilyFinding& f) { return f.hit; }));
}

// More families, then more agreement in them.
bool says_more(const Comparison& a, const Comparison& b) {
  if (hits(a) != hits(b)) return hits(a) > hits(b);
  const auto agreement = [](const Comparison& c) {
    double sum = 0;
    for (const FamilyFinding& family : c.judgement.families) sum += family.effect;
    return sum;
  };
  return agreement(a) > agreement(b);
}

// Of the families that hit, the one that agrees most does so beyond `effect`.
bool agrees_beyond(const Comparison& comparison, double effect) {
  const auto& families = comparison.judgement.families;
  return std::any_of(families.begin(), families.end(), [&](const FamilyFinding& family) {
    return family.hit && family.effect > effect;
  });
}

// The comparison as it stands: the best of the gauges that were tried.
struct Search {
  const Pair& pair;
  Common common;
  std::optional<Comparison> best;
  std::vector<TestResult> about_gauges;

  Status try_gauge(const Gauge& gauge) {
    auto found = run_in(pair, gauge, common);
    if (!found) return std::move(found).error();
    std::vector<GaugeKind> tried = best ? best->gauges_tried : std::vector<GaugeKind>();
    tried.push_back(gauge.kind);
    if (!best || says_more(*found, *best)) {
      auto scores = in_one_step(pair, "map of layers", [&] { return layer_scores(pair, gauge); });
      if (!scores) return std::move(scores).error();
      found->layer_scores = *std::move(scores);
      best = *std::move(found);
    }
    best->gauges_tried = std::move(tried);
    return {};
  }

  Status try_embedding_gauges() {
    auto products = embedding_products(pair);
    if (!products) return std::move(products).error();
    if (products->tokens == 0) return {};
    const size_t from = pair.suspect.width(), to = pair.reference.width();
    const Gauge places = in_one_step(pair, "signed permutation",
                                     [&] { return fit_signed_permutation(*products, from, to); });
    auto status = try_gauge(places);
    // Copies in their own coordinates agree closely; less may come of some that are half right.
    if (!status || agrees_beyond(*best, kSettledEffect)) return status;
    const Gauge rotation = in_one_step(
        pair, "rotation", [&] { return fit_rotation(*products, from, to, pair.threads); });
    about_gauges.push_back(in_one_step(pair, "rotation's places",
                                       [&] { return embedding_result(*products, rotation); }));
    return try_gauge(rotation);
  }
};

}  // namespace

Result<Comparison> compare(Pair pair) {
  for (Side* side : {&pair.suspect, &pair.reference}) {
    if (auto status = find_attention(*side); !status) return std::move(status).error();
  }
  auto common = find_common(pair);
  if (!common) return std::move(common).error();
  Search search{pair, *std::move(common), {}, {}};
  auto& best = search.best;
  const size_t width = pair.reference.width();
  if (width == pair.suspect.width()) {
    auto status = search.try_gauge(Gauge::identity(width));
    if (!status) return std::move(status).error();
  }
  if (!best || !agrees_beyond(*best, kClearEffect)) {
    auto status = search.try_embedding_gauges();
    if (!status) return std::move(status).error();
  }
  if (!best) {
    best.emplace();
    best->judgement.reason = "widths differ and the vocabularies share too few tokens";
  }
  auto tower = in_one_step(pair, "other tower", [&] { return tower_results(pair); });
  if (!tower) return std::move(tower).error();
  if (!tower->empty()) judge_tower(*tower, best->judgement);
  best->tests.insert(best->tests.end(), tower->begin(), tower->end());
  // Matrices are laid side by side only where they stand in their own coordinates.
  if (best->gauge == GaugeKind::identity && best->gauges_tried.size() == 1) {
    auto forensics =
        in_one_step(pair, "copy forensics", [&] { return copy_forensics(pair, best->layers); });
    if (!forensics) return std::move(forensics).error();
    best->tests.push_back(*std::move(forensics));
    auto grids = in_one_step(pair, "grids", [&] { return grid_shares(pair, best->layers); });
    if (!grids) return std::move(grids).error();
    best->tests.push_back(*std::move(grids));
  }
  auto soft = in_one_step(pair, "curves and spectra", [&] { return soft_panel(pair); });
  if (!soft) return std::move(soft).error();
  const auto& about = search.about_gauges;
  best->tests.insert(best->tests.end(), about.begin(), about.end());
  best->tests.insert(best->tests.end(), soft->tests.begin(), soft->tests.end());
  best->suspect_curves = std::move(soft->suspect);
  best->reference_curves = std::move(soft->reference);
  return *std::move(best);
}

}  // namespace wmk::lineage
