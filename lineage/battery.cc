#include "lineage/battery.h"

#include <algorithm>

#include "lineage/embedding_gauge.h"
#include "lineage/expert_neurons.h"
#include "lineage/gains.h"
#include "lineage/layer_map.h"
#include "lineage/row_signs.h"
#include "lineage/soft_panel.h"

namespace wmk::lineage {

namespace {

// The p-values of every gauge pay for all that could have been tried.
constexpr double kGauges = 3;
constexpr double kSettledEffect = 0.5;

struct Setting {
  const Pair& pair;
  const Gauge& gauge;
  Comparison& out;  // of this gauge
};

Status run_row_signs(const Setting& s) {
  auto found = row_signs(s.pair, s.gauge, s.out.layers);
  if (!found) return std::move(found).error();
  for (TestResult& test : row_sign_results(*found, s.gauge)) s.out.tests.push_back(std::move(test));
  return {};
}

Status run_expert_neurons(const Setting& s) {
  auto found = expert_neurons(s.pair, s.gauge, s.out.layers);
  if (!found) return std::move(found).error();
  for (TestResult& test : expert_neuron_results(*found, s.gauge)) {
    s.out.tests.push_back(std::move(test));
  }
  s.out.shares = std::move(found->shares);
  return {};
}

Status run_gains(const Setting& s) {
  s.out.tests.push_back(gains_result(s.pair));
  return {};
}

// The catalogue: what is run in each gauge. A new test is a file and a line here.
constexpr Status (*kCatalogue[])(const Setting&) = {run_row_signs, run_gains, run_expert_neurons};

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

Result<Comparison> run_in(const Pair& pair, const Gauge& gauge) {
  Comparison out;
  out.gauge = gauge.kind;
  auto scores = layer_scores(pair, gauge);
  if (!scores) return std::move(scores).error();
  out.layer_scores = *std::move(scores);
  out.layers = map_layers(pair, out.layer_scores);
  for (const auto test : kCatalogue) {
    if (auto status = test({pair, gauge, out}); !status) return std::move(status).error();
  }
  if (auto status = check_repeated_layers(pair, out.tests); !status) {
    return std::move(status).error();
  }
  out.judgement = judge(out.tests, kGauges);
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

// Copies in their own coordinates agree closely; less may come of coordinates that are half right.
bool is_settled(const Comparison& comparison) {
  for (const FamilyFinding& family : comparison.judgement.families) {
    if (family.hit && family.effect > kSettledEffect) return true;
  }
  return false;
}

// Runs the battery in `gauge` and keeps whichever says more.
Status try_gauge(const Pair& pair, const Gauge& gauge, std::optional<Comparison>& best) {
  auto found = run_in(pair, gauge);
  if (!found) return std::move(found).error();
  std::vector<GaugeKind> tried = best ? best->gauges_tried : std::vector<GaugeKind>();
  tried.push_back(gauge.kind);
  if (!best || says_more(*found, *best)) best = *std::move(found);
  best->gauges_tried = std::move(tried);
  return {};
}

Status try_embedding_gauges(const Pair& pair, std::optional<Comparison>& best,
                            std::vector<TestResult>& about) {
  auto products = embedding_products(pair);
  if (!products) return std::move(products).error();
  if (products->tokens == 0) return {};
  const size_t from = pair.suspect.width(), to = pair.reference.width();
  auto status = try_gauge(pair, fit_signed_permutation(*products, from, to), best);
  if (!status || is_settled(*best)) return status;
  const Gauge rotation = fit_rotation(*products, from, to, pair.threads);
  about.push_back(embedding_result(*products, rotation));
  return try_gauge(pair, rotation, best);
}

}  // namespace

Result<Comparison> compare(Pair pair) {
  for (Side* side : {&pair.suspect, &pair.reference}) {
    auto attention = checkpoint::find_attention(*side->checkpoint, *side->anatomy, *side->config);
    if (!attention) return std::move(attention).error();
    side->attention = *std::move(attention);
  }
  std::optional<Comparison> best;
  std::vector<TestResult> about_gauges;
  const size_t width = pair.reference.width();
  if (width == pair.suspect.width()) {
    auto status = try_gauge(pair, Gauge::identity(width), best);
    if (!status) return std::move(status).error();
  }
  if (!best || hits(*best) == 0) {
    auto status = try_embedding_gauges(pair, best, about_gauges);
    if (!status) return std::move(status).error();
  }
  if (!best) {
    best.emplace();
    best->judgement.reason = "widths differ and the vocabularies share too few tokens";
  }
  auto soft = soft_panel(pair);
  if (!soft) return std::move(soft).error();
  best->tests.insert(best->tests.end(), about_gauges.begin(), about_gauges.end());
  best->tests.insert(best->tests.end(), soft->tests.begin(), soft->tests.end());
  best->suspect_curves = std::move(soft->suspect);
  best->reference_curves = std::move(soft->reference);
  return *std::move(best);
}

}  // namespace wmk::lineage
