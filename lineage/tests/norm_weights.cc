#include "lineage/tests/norm_weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

constexpr size_t kNormCoordinates = 1024;

// Centred and of unit length; empty if constant.
std::vector<double> standardised(const std::vector<float>& weights,
                                 const std::vector<size_t>& coordinates) {
  double mean = 0, squares = 0;
  for (const size_t j : coordinates) mean += weights[j] / static_cast<double>(coordinates.size());
  std::vector<double> out;
  for (const size_t j : coordinates) {
    out.push_back(weights[j] - mean);
    squares += out.back() * out.back();
  }
  if (!(squares > 1e-12 * mean * mean) || !std::isfinite(squares)) return {};
  for (double& value : out) value /= std::sqrt(squares);
  return out;
}

struct NormWeightPair {
  std::vector<double> suspect, reference;
};

double sum_of_correlations(const std::vector<NormWeightPair>& pairs,
                           const std::vector<size_t>& order) {
  double sum = 0;
  for (const NormWeightPair& pair : pairs) {
    for (size_t j = 0; j < order.size(); ++j) sum += pair.reference[j] * pair.suspect[order[j]];
  }
  return sum;
}

using NormWeights = std::vector<std::vector<float>>;

// The norms in front of attention, then those in front of the FFN, layer by layer.
NormWeights norm_weights_of(const Side& side) {
  NormWeights out;
  for (const checkpoint::AttentionLayer& layer : side.attention.layers)
    out.push_back(layer.norm_weight);
  const auto& anatomy = *side.anatomy;
  for (const uint64_t layer : layers_with_neurons(anatomy)) {
    const auto* weights =
        norm_weight_of(side, anatomy.groups[groups_of_layer(anatomy, layer)[0]].in_norm);
    out.push_back(weights ? *weights : std::vector<float>());
  }
  return out;
}

}  // namespace

double NormWeightAgreement::log10_p() const {
  return std::log10((1.0 + at_least) / (1.0 + kNormPermutations));
}

NormWeightAgreement norm_weight_agreement(const NormWeights& suspect, const NormWeights& reference,
                                          uint64_t seed) {
  std::vector<NormWeightPair> pairs;
  for (size_t i = 0; i < std::min(suspect.size(), reference.size()); ++i) {
    if (suspect[i].size() != reference[i].size() || suspect[i].empty()) continue;
    const auto chosen = sampled_coordinates(suspect[i].size(), kNormCoordinates, seed, "gains");
    NormWeightPair pair{standardised(suspect[i], chosen), standardised(reference[i], chosen)};
    if (!pair.suspect.empty() && !pair.reference.empty()) pairs.push_back(std::move(pair));
  }
  NormWeightAgreement out;
  out.norms = pairs.size();
  if (pairs.empty()) return out;
  std::vector<size_t> order(pairs[0].reference.size());
  std::iota(order.begin(), order.end(), size_t{0});
  out.sum = sum_of_correlations(pairs, order);
  auto random = random_for(seed, "gains");
  for (unsigned t = 0; t < kNormPermutations; ++t) {
    shuffle(random, order);
    out.at_least += sum_of_correlations(pairs, order) >= out.sum;
  }
  return out;
}

TestResult norm_weight_result(const ModelPair& pair) {
  TestResult out;
  out.name = "T6 gains";
  out.family = TensorFamily::norm_weights;
  out.statistic = "mean correlation of norm weights";
  out.null = "residual coordinates of the suspect are exchangeable (one permutation for all norms)";
  const auto suspect = norm_weights_of(pair.suspect), reference = norm_weights_of(pair.reference);
  if (pair.suspect.width() != pair.reference.width() || suspect.size() != reference.size()) {
    out.note = "widths or depths differ";
    return out;
  }
  const NormWeightAgreement found = norm_weight_agreement(suspect, reference, pair.seed);
  if (found.norms == 0) {
    out.note = "norm weights are constant or missing";
    return out;
  }
  out.kind = EvidenceKind::exact;
  out.has_floor = true;
  out.value = found.sum / static_cast<double>(found.norms);
  out.effect = out.value;
  out.log10_p = found.log10_p();
  out.outcome = *out.log10_p < kLog10Null ? Outcome::weak : Outcome::null;
  out.stands_out = out.outcome == Outcome::weak && out.effect > kSameNorms;
  out.note = cat(found.norms, " norms, ", kNormPermutations, " permutations, seed ", pair.seed);
  return out;
}

}  // namespace wmk::lineage
