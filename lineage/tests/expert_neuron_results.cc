// The results of T4: signs, coincidences, copies inside one model.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "lineage/control.h"
#include "lineage/tests/expert_neurons.h"

namespace wmk::lineage {

namespace {

// Beyond this, wrong layers are too similar to the right ones for a conclusion.
constexpr double kInflationMax = 100;
// In coordinates that were fitted to tokens, neurons that represent the same token match in
// unrelated models too: Gemma 3 270M and SmolLM2 135M had 827 coincidences where 209 were allowed,
// 13 % of the neurons in the last layer but less than 1 % in half of the layers. There the share is
// that of the median layer.
double median_share(const ExpertNeurons& found) {
  std::map<uint64_t, std::pair<double, double>> by_layer;  // matched, sampled
  for (const ExpertShare& share : found.shares) {
    auto& [matched, sampled] = by_layer[share.layer];
    matched += share.share * static_cast<double>(share.sampled);
    sampled += static_cast<double>(share.sampled);
  }
  std::vector<double> shares;
  for (const auto& [layer, counts] : by_layer) shares.push_back(counts.first / counts.second);
  if (shares.empty()) return 0;
  const auto middle = shares.begin() + static_cast<std::ptrdiff_t>((shares.size() - 1) / 2);
  std::nth_element(shares.begin(), middle, shares.end());
  return *middle;
}

// The largest mean share of an expert over the compared layers: a few neurons, or one layer, are
// not enough.
double top_share(const ExpertNeurons& found) {
  std::map<std::pair<bool, std::optional<uint64_t>>, std::pair<double, double>> by_expert;
  for (const ExpertShare& share : found.shares) {
    auto& [matched, sampled] = by_expert[{share.shared, share.expert}];
    matched += share.share * static_cast<double>(share.sampled);
    sampled += static_cast<double>(share.sampled);
  }
  double top = 0;
  for (const auto& [expert, counts] : by_expert) top = std::max(top, counts.first / counts.second);
  return top;
}

std::string sampled_text(const ExpertNeurons& found) {
  return cat(found.samples, " neurons of ", found.layers, " of ", found.layers_in_all, " layers");
}

TestResult neuron_result(std::string_view name, const ExpertNeurons& found, const Basis& basis) {
  TestResult out;
  out.name = name;
  out.family = TensorFamily::feed_forward;
  out.basis = basis.kind;
  out.effect = top_share(found);
  out.effect_min = kCopiedMin;
  out.note = found.missing;
  return out;
}

TestResult neuron_signs(const ExpertNeurons& found, const Basis& basis) {
  TestResult out = neuron_result("T4a neuron signs", found, basis);
  out.statistic = "z of the signed sum over neurons matched by gate rows";
  out.null = sign_null_of(found.sign_side);
  if (!found.missing.empty()) return out;
  if (!found.gated) {
    out.note = "there are no gates, so the signs of neurons cannot be tested";
    return out;
  }
  out.note = sampled_text(found);
  out.not_seen = "signs of neurons turned one by one (T4b sees these)";
  set_signed_outcome(found.signs.z(), found.control_signs.z(), "wrong layers", out);
  if (found.sign_side == SignSide::neither) {
    out.note += "; both models contain copies of their own neurons, so there is no exact p";
    out.outcome = Outcome::soft;
    out.log10_p.reset();
    return out;
  }
  out.kind = EvidenceKind::exact;
  return out;
}

TestResult neuron_coincidences(const ExpertNeurons& found, const Basis& basis) {
  TestResult out = neuron_result("T4b neuron coincidences", found, basis);
  out.statistic = "neurons of the reference on which separate searches agree";
  out.null = "Poisson: searches by gate, up and down agree by chance";
  if (!found.missing.empty()) return out;
  out.kind = EvidenceKind::model_based;
  out.value = found.found.count;
  const double inflation = inflation_of(found.control);
  out.log10_p = found.found.log10_p(inflation);
  out.note = cat("chance explains at most ", fixed(found.found.expected * inflation, 1),
                 "; control (wrong layers) ", fixed(found.control.count, 0), " against ",
                 fixed(found.control.expected, 1));
  if (found.layers < 2) {
    out.outcome = Outcome::soft;
    out.note += "; a single layer allows no control";
  } else if (inflation > kInflationMax) {
    out.log10_p.reset();
    out.outcome = Outcome::control_failed;
  } else {
    out.outcome = Outcome::null;
  }
  if (basis.kind != BasisKind::identity) {
    out.effect = median_share(found);
    out.note += cat("; coordinates were fitted, so half of the layers must match ",
                    fixed(100 * kCopiedMin, 0), " % (", fixed(100 * out.effect, 1), " %)");
  }
  return out;
}

// Copying neurons makes experts of a dense layer; nothing makes one layer of copies again.
std::string upcycling_of(const ExpertNeurons& found) {
  const bool to_suspect = found.suspect_experts && !found.reference_experts &&
                          found.repeated.suspect && !found.repeated.reference;
  const bool to_reference = found.reference_experts && !found.suspect_experts &&
                            found.repeated.reference && !found.repeated.suspect;
  if (to_suspect) {
    return "the suspect's experts hold the neurons of one dense layer several times, which the "
           "reference has: upcycled";
  }
  if (!to_reference) return {};
  return "the reference's experts hold the neurons of one dense layer several times, which the "
         "suspect has: the reference was upcycled";
}

TestResult copies_inside(const ExpertNeurons& found, const Basis& basis) {
  TestResult out = neuron_result("T4d copies inside one model", found, basis);
  out.family = TensorFamily::none;
  out.statistic = "1 in the suspect, 2 in the reference, 3 in both";
  out.null = "none: decides whose signs T4a uses";
  out.effect = 0;
  if (!found.missing.empty()) return out;
  out.value = (found.repeated.suspect ? 1 : 0) + (found.repeated.reference ? 2 : 0);
  out.outcome = Outcome::soft;
  out.note = cat("suspect: ", found.repeated.suspect ? "copies" : "none",
                 "; reference: ", found.repeated.reference ? "copies" : "none");
  out.component = Component::feed_forward;
  out.direction = upcycling_of(found);
  return out;
}

}  // namespace

std::vector<TestResult> expert_neuron_results(const ExpertNeurons& found, const Basis& basis) {
  return {copies_inside(found, basis), neuron_signs(found, basis),
          neuron_coincidences(found, basis)};
}

}  // namespace wmk::lineage
