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

// Every p-value is corrected for all bases that could have been tried.
constexpr double kBases = 3;
constexpr double kSettledEffect = 0.5;
// A weaker agreement may come from a few large coordinates, or from coordinates that a permutation
// happens to leave in place: other bases are tried as well.
constexpr double kClearEffect = 0.1;

Result<Comparison> run_in(const ModelPair& pair, const Basis& basis, const SharedFindings& shared) {
  Comparison out;
  out.basis = basis.kind;
  auto layers = layers_of(pair, basis, shared, out.tests);
  if (!layers) return std::move(layers).error();
  out.layers = *std::move(layers);
  if (auto status = run_catalogue({pair, basis, shared, out}); !status) {
    return std::move(status).error();
  }
  out.judgement = judge(out.tests, kBases, basis.keeps_places());
  return out;
}

size_t hits(const Comparison& comparison) {
  const auto& families = comparison.judgement.families;
  return static_cast<size_t>(std::count_if(families.begin(), families.end(),
                                           [](const FamilyFinding& f) { return f.hit; }));
}

// More families, then more agreement in them.
bool is_more_conclusive(const Comparison& a, const Comparison& b) {
  if (hits(a) != hits(b)) return hits(a) > hits(b);
  const auto agreement = [](const Comparison& c) {
    double sum = 0;
    for (const FamilyFinding& family : c.judgement.families) sum += family.effect;
    return sum;
  };
  return agreement(a) > agreement(b);
}

// Does some family hit with a larger effect than `effect`?
bool agrees_beyond(const Comparison& comparison, double effect) {
  const auto& families = comparison.judgement.families;
  return std::any_of(families.begin(), families.end(), [&](const FamilyFinding& family) {
    return family.hit && family.effect > effect;
  });
}

// The most conclusive comparison among the bases that were tried so far.
struct Search {
  const ModelPair& pair;
  SharedFindings shared;
  std::optional<Comparison> best;
  std::vector<TestResult> about_bases;

  Status try_basis(const Basis& basis) {
    auto found = run_in(pair, basis, shared);
    if (!found) return std::move(found).error();
    std::vector<BasisKind> tried = best ? best->bases_tried : std::vector<BasisKind>();
    tried.push_back(basis.kind);
    if (!best || is_more_conclusive(*found, *best)) {
      auto scores = in_one_step(pair, "map of layers", [&] { return layer_scores(pair, basis); });
      if (!scores) return std::move(scores).error();
      found->layer_scores = *std::move(scores);
      best = *std::move(found);
    }
    best->bases_tried = std::move(tried);
    return {};
  }

  Status try_embedding_bases() {
    auto products = embedding_products(pair);
    if (!products) return std::move(products).error();
    if (products->tokens == 0) return {};
    const size_t from = pair.suspect.width(), to = pair.reference.width();
    const Basis places = in_one_step(pair, "signed permutation",
                                     [&] { return fit_signed_permutation(*products, from, to); });
    auto status = try_basis(places);
    // Copies agree closely in the right coordinates; a weaker hit may come from a partly wrong fit.
    if (!status || agrees_beyond(*best, kSettledEffect)) return status;
    const Basis rotation = in_one_step(
        pair, "rotation", [&] { return fit_rotation(*products, from, to, pair.threads); });
    about_bases.push_back(in_one_step(pair, "rotation's places",
                                      [&] { return embedding_result(*products, rotation); }));
    return try_basis(rotation);
  }
};

}  // namespace

Result<Comparison> compare(ModelPair pair) {
  for (Side* side : {&pair.suspect, &pair.reference}) {
    if (auto status = find_attention(*side); !status) return std::move(status).error();
  }
  auto shared = find_shared(pair);
  if (!shared) return std::move(shared).error();
  Search search{pair, *std::move(shared), {}, {}};
  auto& best = search.best;
  const size_t width = pair.reference.width();
  if (width == pair.suspect.width()) {
    auto status = search.try_basis(Basis::identity(width));
    if (!status) return std::move(status).error();
  }
  if (!best || !agrees_beyond(*best, kClearEffect)) {
    auto status = search.try_embedding_bases();
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
  // Values are compared one by one only if both models use the same coordinates.
  if (best->basis == BasisKind::identity && best->bases_tried.size() == 1) {
    auto forensics =
        in_one_step(pair, "copy forensics", [&] { return copy_forensics(pair, best->layers); });
    if (!forensics) return std::move(forensics).error();
    best->tests.push_back(*std::move(forensics));
    auto grids =
        in_one_step(pair, "quantisation grids", [&] { return grid_shares(pair, best->layers); });
    if (!grids) return std::move(grids).error();
    best->tests.push_back(*std::move(grids));
  }
  auto soft = in_one_step(pair, "curves and spectra", [&] { return soft_panel(pair); });
  if (!soft) return std::move(soft).error();
  const auto& about = search.about_bases;
  best->tests.insert(best->tests.end(), about.begin(), about.end());
  best->tests.insert(best->tests.end(), soft->tests.begin(), soft->tests.end());
  best->suspect_curves = std::move(soft->suspect);
  best->reference_curves = std::move(soft->reference);
  return *std::move(best);
}

}  // namespace wmk::lineage
