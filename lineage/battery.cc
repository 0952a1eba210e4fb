#include "lineage/battery.h"

#include <algorithm>

#include "lineage/copy_forensics.h"
#include "lineage/embedding_gauge.h"
#include "lineage/expert_neurons.h"
#include "lineage/layer_map.h"
#include "lineage/once.h"
#include "lineage/row_signs.h"
#include "lineage/soft_panel.h"
#include "lineage/work_stage.h"

namespace wmk::lineage {

namespace {

// The p-values of every gauge pay for all that could have been tried.
constexpr double kGauges = 3;
constexpr double kSettledEffect = 0.5;
// Models that share fixed points of a permutation by chance, or a few large coordinates, agree a
// little in coordinates that are not theirs: then others are tried as well.
constexpr double kClearEffect = 0.1;

// A layer that repeats on both sides shares its signs on both sides: no exact p.
Status check_repeated_layers(const Pair& pair, std::vector<TestResult>& tests) {
  auto suspect = repeats_layers(pair.suspect);
  if (!suspect) return std::move(suspect).error();
  if (!*suspect) return {};
  auto reference = repeats_layers(pair.reference);
  if (!reference) return std::move(reference).error();
  if (!*reference) return {};
  for (TestResult& test : tests) {
    if (test.kind != Kind::exact || test.family == FamilyOfTensors::gains) continue;
    test.kind = Kind::none;
    test.log10_p.reset();
    test.outcome = Outcome::soft;
    test.note += "; both models repeat whole layers: no exact p";
  }
  return {};
}

struct Setting {
  const Pair& pair;
  const Gauge& gauge;
  const Common& common;
  Comparison& out;  // of this gauge
};

Status run_row_signs(const Setting& s) {
  auto found = row_signs(s.pair, s.gauge, s.out.layers);
  if (!found) return std::move(found).error();
  for (TestResult& test : row_sign_results(*found, s.gauge)) s.out.tests.push_back(std::move(test));
  return {};
}

Status run_expert_neurons(const Setting& s) {
  auto found = expert_neurons(s.pair, s.gauge, s.out.layers, s.common.copies);
  if (!found) return std::move(found).error();
  for (TestResult& test : expert_neuron_results(*found, s.gauge)) {
    s.out.tests.push_back(std::move(test));
  }
  s.out.shares = std::move(found->shares);
  return {};
}

Status run_gains(const Setting& s) {
  s.out.tests.push_back(s.common.gains);
  return {};
}

// The catalogue: what is run in each gauge. A new test is a file and a line here.
constexpr Status (*kCatalogue[])(const Setting&) = {run_row_signs, run_gains, run_expert_neurons};

Result<Comparison> run_in(const Pair& pair, const Gauge& gauge, const Common& common) {
  Comparison out;
  out.gauge = gauge.kind;
  auto layers = layers_of(pair, gauge, common, out.tests);
  if (!layers) return std::move(layers).error();
  out.layers = *std::move(layers);
  for (const auto test : kCatalogue) {
    if (auto status = test({pair, gauge, common, out}); !status) return std::move(status).error();
  }
  if (auto status = check_repeated_layers(pair, out.tests); !status) {
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
    auto attention = checkpoint::find_attention(*side->checkpoint, *side->anatomy, *side->config);
    if (!attention) return std::move(attention).error();
    side->attention = *std::move(attention);
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
  // Matrices are laid side by side only where they stand in their own coordinates.
  if (best->gauge == GaugeKind::identity && best->gauges_tried.size() == 1) {
    auto forensics =
        in_one_step(pair, "copy forensics", [&] { return copy_forensics(pair, best->layers); });
    if (!forensics) return std::move(forensics).error();
    best->tests.push_back(*std::move(forensics));
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
