#include "neurons/careful/merge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "neurons/careful/grams.h"

namespace wmk::neurons {

namespace {

constexpr unsigned kRoundsInMemory = 300;
constexpr unsigned kRoundsReading = 12;
constexpr double kSettled = 1e-13;  // relative change of the square of the singular value

// The power method on M M^T in the space of the members: u = U^T a and M = U^T S V give
// a <- S (V V^T) S (U U^T) a. It starts at fixed pseudo-random signs.
class TopPair {
 public:
  explicit TopPair(std::vector<double> weights);

  const std::vector<double>& a() const { return a_; }
  // Given G_u a: the coefficients of v = M^T u, S G_u a.
  const std::vector<double>& down(const std::vector<double>& of_a);
  // Given G_v b: ends the round; true once the singular value has settled.
  bool advance(const std::vector<double>& of_b);
  MergedNeuron result(double log2_scale) const;

 private:
  std::vector<double> times_weights(std::vector<double> x) const;

  std::vector<double> weights_, a_, b_, up_;
  double length_ = 0, up_length_ = 0, sigma_ = 0;
};

double inner(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

TopPair::TopPair(std::vector<double> weights) : weights_(std::move(weights)) {
  uint64_t state = 0x9E3779B97F4A7C15;
  for (double weight : weights_) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    a_.push_back(weight * ((state >> 33 & 1) ? 1 : -1));
  }
}

std::vector<double> TopPair::times_weights(std::vector<double> x) const {
  for (size_t i = 0; i < x.size(); ++i) x[i] *= weights_[i];
  return x;
}

const std::vector<double>& TopPair::down(const std::vector<double>& of_a) {
  length_ = std::sqrt(std::max(0.0, inner(a_, of_a)));
  b_ = times_weights(of_a);
  return b_;
}

bool TopPair::advance(const std::vector<double>& of_b) {
  const double before = sigma_;
  sigma_ = length_ > 0 ? std::sqrt(std::max(0.0, inner(b_, of_b))) / length_ : 0;
  up_ = a_;
  up_length_ = length_;
  a_ = times_weights(of_b);
  double largest = 0;
  for (double x : a_) largest = std::max(largest, std::abs(x));
  if (largest > 0) {
    for (double& x : a_) x /= largest;
  }
  return sigma_ == 0 || std::abs(sigma_ - before) <= kSettled * sigma_;
}

MergedNeuron TopPair::result(double log2_scale) const {
  MergedNeuron out;
  out.log2_strength = -std::numeric_limits<double>::infinity();
  if (!(sigma_ > 0)) return out;
  out.log2_strength = log2_scale + std::log2(sigma_);
  for (double x : up_) out.up.push_back(x / up_length_);
  for (double x : b_) out.down.push_back(x / up_length_ / sigma_);
  return out;
}

// Rounds for the clusters that are too large for their products to be kept.
Status read_rounds(const Clusters& clusters, const Grams& ups, const Grams& downs,
                   std::vector<TopPair>& pairs) {
  bool any = false;
  for (const auto& cluster : clusters) any = any || !Grams::is_small(cluster);
  Grams::Vectors x(pairs.size());
  for (unsigned round = 0; any && round < kRoundsReading; ++round) {
    for (size_t c = 0; c < pairs.size(); ++c) x[c] = pairs[c].a();
    auto of_a = ups.products_reading(x);
    if (!of_a) return std::move(of_a).error();
    for (size_t c = 0; c < pairs.size(); ++c) x[c] = pairs[c].down((*of_a)[c]);
    auto of_b = downs.products_reading(x);
    if (!of_b) return std::move(of_b).error();
    any = false;
    for (size_t c = 0; c < pairs.size(); ++c) {
      if (!Grams::is_small(clusters[c])) any = !pairs[c].advance((*of_b)[c]) || any;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<MergedNeuron>> merge(const Clusters& clusters, const MemberRows& ups,
                                        const MemberRows& downs,
                                        std::span<const double> strengths) {
  std::vector<TopPair> pairs;
  std::vector<double> scales;
  size_t first = 0;
  for (const auto& cluster : clusters) {
    const auto own = strengths.subspan(first, cluster.size());
    first += cluster.size();
    scales.push_back(*std::max_element(own.begin(), own.end()));
    std::vector<double> weights;
    for (double strength : own) weights.push_back(std::exp2(strength - scales.back()));
    pairs.emplace_back(std::move(weights));
  }
  Grams of_ups(clusters, ups), of_downs(clusters, downs);
  Status status = of_ups.read_small();
  if (status) status = of_downs.read_small();
  if (status) status = read_rounds(clusters, of_ups, of_downs, pairs);
  if (!status) return std::move(status).error();
  std::vector<MergedNeuron> out;
  for (size_t c = 0; c < clusters.size(); ++c) {
    for (unsigned round = 0; Grams::is_small(clusters[c]) && round < kRoundsInMemory; ++round) {
      const std::vector<double> down = pairs[c].down(of_ups.product(c, pairs[c].a()));
      if (pairs[c].advance(of_downs.product(c, down))) break;
    }
    out.push_back(pairs[c].result(scales[c]));
  }
  return out;
}

}  // namespace wmk::neurons
