#include "lineage/basis_search.h"

#include <algorithm>

#include "base/text.h"
#include "lineage/align/embedding_basis.h"
#include "lineage/align/neuron_basis.h"
#include "lineage/catalogue.h"
#include "lineage/model/progress_stage.h"

namespace wmk::lineage {

namespace {

// Every p-value is corrected for all bases that could have been tried.
constexpr double kBases = 4;
constexpr double kSettledEffect = 0.5;
// A weaker agreement may come from a few large coordinates, or from coordinates that a permutation
// happens to leave in place: other bases are tried as well.
constexpr double kClearEffect = 0.1;

struct Tried {
  Comparison comparison;
  Findings findings;
};

// Layers that the basis was found with; empty: they are matched by number or by attention.
using KnownLayers = std::vector<LayerPair>;

Result<Tried> run_in(const ModelPair& pair, const Basis& basis, const SharedFindings& shared,
                     const KnownLayers& known) {
  Tried out;
  out.comparison.basis = basis.kind;
  auto layers = layers_of(pair, basis, shared, known, out.comparison.tests);
  if (!layers) return std::move(layers).error();
  out.comparison.layers = *std::move(layers);
  if (auto status = run_catalogue({pair, basis, shared, out.comparison}); !status) {
    return std::move(status).error();
  }
  out.findings = find_families(out.comparison.tests, kBases, basis.keeps_places());
  return out;
}

size_t hits(const Findings& found) {
  return static_cast<size_t>(std::count_if(found.families.begin(), found.families.end(),
                                           [](const FamilyFinding& f) { return f.hit; }));
}

// More families, then more agreement in them.
bool is_more_conclusive(const Findings& a, const Findings& b) {
  if (hits(a) != hits(b)) return hits(a) > hits(b);
  const auto agreement = [](const Findings& found) {
    double sum = 0;
    for (const FamilyFinding& family : found.families) sum += family.effect;
    return sum;
  };
  return agreement(a) > agreement(b);
}

bool agrees_beyond(const Findings& found, double effect) {
  return std::any_of(found.families.begin(), found.families.end(),
                     [&](const FamilyFinding& f) { return f.hit && f.effect > effect; });
}

// Would other bases change nothing? A family agrees beyond `effect`, and no part that could be
// compared is without a hit: that would have to be sought elsewhere before it is called new.
bool is_settled(const Findings& found, double effect) {
  bool attention = false, attention_hit = false, ffn_open = false;
  for (const FamilyFinding& family : found.families) {
    const bool compared = family.comparable || family.dropped;
    if (family.family == TensorFamily::feed_forward) {
      ffn_open = compared && !family.hit;
    } else if (family.family != TensorFamily::norm_weights) {
      attention = attention || compared;
      attention_hit = attention_hit || family.hit;
    }
  }
  return agrees_beyond(found, effect) && !ffn_open && (attention_hit || !attention);
}

// The most conclusive comparison among the bases that were tried so far.
struct Search {
  const ModelPair& pair;
  SharedFindings shared;
  std::optional<Tried> best;
  std::vector<BasisKind> tried;
  std::vector<TestResult> about_bases;
  Elsewhere elsewhere;

  Status try_basis(const Basis& basis, const KnownLayers& known = {}) {
    auto found = run_in(pair, basis, shared, known);
    if (!found) return std::move(found).error();
    tried.push_back(basis.kind);
    if (best && !is_more_conclusive(found->findings, best->findings)) {
      note_elsewhere(*found);
      return {};
    }
    auto scores = in_one_step(pair, "map of layers", [&] { return layer_scores(pair, basis); });
    if (!scores) return std::move(scores).error();
    found->comparison.layer_scores = *std::move(scores);
    if (best) note_elsewhere(*best);
    best = *std::move(found);
    return {};
  }

  // What stands out in a basis that is not the best one.
  void note_elsewhere(const Tried& found) {
    const auto add = [&](Component component, std::string& to) {
      const std::string what = standing_out(found.comparison.tests, component, true);
      if (what.empty()) return;
      to += cat(to.empty() ? "" : ", ", what, " (", to_string(found.comparison.basis), ")");
    };
    add(Component::attention, elsewhere.attention);
    add(Component::feed_forward, elsewhere.feed_forward);
  }

  Status try_embedding_bases() {
    auto products = embedding_products(pair);
    if (!products) return std::move(products).error();
    elsewhere.untried = why_untried(*products);
    if (products->tokens == 0) return {};
    const size_t from = pair.suspect.width(), to = pair.reference.width();
    const Basis places = in_one_step(pair, "signed permutation",
                                     [&] { return fit_signed_permutation(*products, from, to); });
    auto status = try_basis(places);
    // Copies agree closely in the right coordinates; a weaker hit may come from a partly wrong fit.
    if (!status || is_settled(best->findings, kSettledEffect)) return status;
    const Basis rotation = in_one_step(
        pair, "rotation", [&] { return fit_rotation(*products, from, to, pair.threads); });
    about_bases.push_back(in_one_step(pair, "rotation's places",
                                      [&] { return embedding_result(*products, rotation); }));
    return try_basis(rotation);
  }

  // The map between the neurons of the two models, which needs no token.
  Status try_neurons() {
    auto found = find_neuron_basis(pair);
    if (!found) return std::move(found).error();
    about_bases.push_back(neuron_basis_result(*found));
    if (!found->basis) return {};
    return try_basis(*found->basis, found->layers);
  }

  // Which coordinates of the suspect were not sought.
  std::string why_untried(const EmbeddingProducts& products) const {
    constexpr std::string_view kFitted = "coordinates fitted to the embeddings: ";
    if (products.tokens == 0) return cat(kFitted, products.missing);
    const bool lost =
        pair.suspect.vocabulary->source.empty() != pair.reference.vocabulary->source.empty();
    return lost ? cat(kFitted, "one tokenizer is missing, and rows were matched by number")
                : std::string();
  }
};

}  // namespace

Result<Comparison> search_bases(const ModelPair& pair) {
  auto shared = find_shared(pair);
  if (!shared) return std::move(shared).error();
  Search search{pair, *std::move(shared), {}, {}, {}, {}};
  const size_t width = pair.reference.width();
  if (width == pair.suspect.width()) {
    if (auto status = search.try_basis(Basis::identity(width)); !status) {
      return std::move(status).error();
    }
  }
  if (!search.best || !is_settled(search.best->findings, kClearEffect)) {
    if (auto status = search.try_embedding_bases(); !status) return std::move(status).error();
  }
  if (!search.best || !is_settled(search.best->findings, kClearEffect)) {
    if (auto status = search.try_neurons(); !status) return std::move(status).error();
  }
  Comparison out;
  if (search.best) {
    out = std::move(search.best->comparison);
    out.judgement = conclude(search.best->findings, search.elsewhere);
  } else {
    out.judgement.reason = "widths differ and the vocabularies share too few tokens";
  }
  out.bases_tried = std::move(search.tried);
  out.about_bases = std::move(search.about_bases);
  out.same_coordinates = out.basis == BasisKind::identity && search.best &&
                         agrees_beyond(search.best->findings, kClearEffect);
  return out;
}

}  // namespace wmk::lineage
