#include "lineage/tests/norm_weights.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace wmk::lineage {

namespace {

constexpr size_t kGainCoordinates = 1024;

// Centred and of unit length; empty where constant.
std::vector<double> standardised(const std::vector<float>& gain,
                                 const std::vector<size_t>& coordinates) {
  double mean = 0, squares = 0;
  for (const size_t j : coordinates) mean += gain[j] / static_cast<double>(coordinates.size());
  std::vector<double> out;
  for (const size_t j : coordinates) {
    out.push_back(gain[j] - mean);
    squares += out.back() * out.back();
  }
  if (!(squares > 1e-12 * mean * mean) || !std::isfinite(squares)) return {};
  for (double& value : out) value /= std::sqrt(squares);
  return out;
}

struct GainPair {
  std::vector<double> suspect, reference;
};

double sum_of_correlations(const std::vector<GainPair>& pairs, const std::vector<size_t>& order) {
  double sum = 0;
  for (const GainPair& pair : pairs) {
    for (size_t j = 0; j < order.size(); ++j) sum += pair.reference[j] * pair.suspect[order[j]];
  }
  return sum;
}

using Gains = std::vector<std::vector<float>>;

// Attention norms, then the norms in front of the FFN, layer by layer.
Gains gains_of(const Side& side) {
  Gains out;
  for (const checkpoint::AttentionLayer& layer : side.attention.layers) out.push_back(layer.gain);
  const auto& anatomy = *side.anatomy;
  for (const uint64_t layer : layers_with_units(anatomy)) {
    const auto& gain = anatomy.groups[groups_of_layer(anatomy, layer)[0]].in_gain;
    out.push_back(gain ? anatomy.gains[*gain] : std::vector<float>());
  }
  return out;
}

}  // namespace

double GainAgreement::log10_p() const {
  return std::log10((1.0 + at_least) / (1.0 + kGainPermutations));
}

GainAgreement gain_agreement(const Gains& suspect, const Gains& reference, uint64_t seed) {
  std::vector<GainPair> pairs;
  for (size_t i = 0; i < std::min(suspect.size(), reference.size()); ++i) {
    if (suspect[i].size() != reference[i].size() || suspect[i].empty()) continue;
    const auto chosen = sampled_coordinates(suspect[i].size(), kGainCoordinates, seed, "gains");
    GainPair pair{standardised(suspect[i], chosen), standardised(reference[i], chosen)};
    if (!pair.suspect.empty() && !pair.reference.empty()) pairs.push_back(std::move(pair));
  }
  GainAgreement out;
  out.norms = pairs.size();
  if (pairs.empty()) return out;
  std::vector<size_t> order(pairs[0].reference.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  out.sum = sum_of_correlations(pairs, order);
  auto random = random_for(seed, "gains");
  for (unsigned t = 0; t < kGainPermutations; ++t) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(random, i)]);
    out.at_least += sum_of_correlations(pairs, order) >= out.sum;
  }
  return out;
}

TestResult gains_result(const Pair& pair) {
  TestResult out;
  out.name = "T6 gains";
  out.family = FamilyOfTensors::gains;
  out.statistic = "mean correlation of gains over norms";
  out.null = "residual coordinates of the suspect are exchangeable (one permutation for all norms)";
  const auto suspect = gains_of(pair.suspect), reference = gains_of(pair.reference);
  if (pair.suspect.width() != pair.reference.width() || suspect.size() != reference.size()) {
    out.note = "widths or depths differ";
    return out;
  }
  const GainAgreement found = gain_agreement(suspect, reference, pair.seed);
  if (found.norms == 0) {
    out.note = "gains are constant or absent";
    return out;
  }
  out.kind = Kind::exact;
  out.has_floor = true;
  out.value = found.sum / static_cast<double>(found.norms);
  out.effect = out.value;
  out.log10_p = found.log10_p();
  out.outcome = *out.log10_p < kLog10Null ? Outcome::weak : Outcome::null;
  out.note = cat(found.norms, " norms, ", kGainPermutations, " permutations, seed ", pair.seed);
  return out;
}

}  // namespace wmk::lineage
