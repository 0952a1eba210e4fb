#include "neurons/careful/merge.h"

#include <cmath>
#include <limits>

#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

// Up to this size a cluster's products of rows are kept in memory; above, the rows are read again
// in each round.
constexpr size_t kGramMembers = 256;
constexpr unsigned kRounds = 300;
constexpr unsigned kRoundsReading = 12;
constexpr double kSettled = 1e-13;  // relative change of the square of the singular value

using Vectors = std::vector<std::vector<double>>;  // one for each cluster

// The products G = R R^T of the members' unit rows R, for all clusters.
class Grams {
 public:
  Grams(const Clusters& clusters, const MemberRows& rows) : clusters_(clusters), rows_(rows) {
    size_t first = 0;
    for (const auto& cluster : clusters) {
      first_.push_back(first);
      first += cluster.size();
    }
    small_.resize(clusters.size());
  }

  static bool is_small(const std::vector<uint32_t>& cluster) {
    return cluster.size() <= kGramMembers;
  }

  Status read_small() {
    using stats::Op;
    for (size_t c = 0; c < clusters_.size(); ++c) {
      if (is_small(clusters_[c])) small_[c].assign(clusters_[c].size() * clusters_[c].size(), 0.0);
    }
    return rows_.for_each_slice([&](const MemberRows::Slice& slice) {
      for (size_t c = 0; c < clusters_.size(); ++c) {
        const size_t k = clusters_[c].size();
        const double* rows = slice.row(first_[c]);
        if (!is_small(clusters_[c])) continue;
        stats::gemm(Op::plain, Op::transposed, k, k, slice.columns, rows, slice.columns, rows,
                    slice.columns, 1.0, small_[c].data(), k);
      }
    });
  }

  // G x of a small cluster.
  std::vector<double> product(size_t cluster, const std::vector<double>& x) const {
    std::vector<double> out(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const double* row = &small_[cluster][i * x.size()];
      for (size_t j = 0; j < x.size(); ++j) out[i] += row[j] * x[j];
    }
    return out;
  }

  // G x of each cluster that is not small.
  Result<Vectors> products_reading(const Vectors& x) const {
    Vectors out(x.size());
    for (size_t c = 0; c < x.size(); ++c) out[c].assign(x[c].size(), 0.0);
    std::vector<double> sum;
    Status status = rows_.for_each_slice([&](const MemberRows::Slice& slice) {
      for (size_t c = 0; c < x.size(); ++c) {
        if (is_small(clusters_[c])) continue;
        sum.assign(slice.columns, 0.0);
        for (size_t i = 0; i < x[c].size(); ++i) {
          const double* row = slice.row(first_[c] + i);
          for (size_t j = 0; j < slice.columns; ++j) sum[j] += x[c][i] * row[j];
        }
        for (size_t i = 0; i < x[c].size(); ++i) {
          const double* row = slice.row(first_[c] + i);
          for (size_t j = 0; j < slice.columns; ++j) out[c][i] += row[j] * sum[j];
        }
      }
    });
    if (!status) return std::move(status).error();
    return out;
  }

 private:
  const Clusters& clusters_;
  const MemberRows& rows_;
  std::vector<size_t> first_;
  Vectors small_;
};

// The power method on M M^T in the space of the members: u = U^T a and M = U^T S V give
// a <- S (V V^T) S (U U^T) a. It starts at fixed pseudo-random signs.
class TopPair {
 public:
  explicit TopPair(std::vector<double> weights) : weights_(std::move(weights)) {
    uint64_t state = 0x9E3779B97F4A7C15;
    for (double weight : weights_) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      a_.push_back(weight * ((state >> 33 & 1) ? 1 : -1));
    }
  }

  const std::vector<double>& a() const { return a_; }
  // Given G_u a: the coefficients of v = M^T u, S G_u a.
  const std::vector<double>& down(const std::vector<double>& of_a) {
    length_ = std::sqrt(std::max(0.0, inner(a_, of_a)));
    b_ = times_weights(of_a);
    return b_;
  }
  // Given G_v b: ends the round; true once the singular value has settled.
  bool advance(const std::vector<double>& of_b) {
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

  MergedNeuron result(double log2_scale) const {
    MergedNeuron out;
    out.log2_strength = -std::numeric_limits<double>::infinity();
    if (!(sigma_ > 0)) return out;
    out.log2_strength = log2_scale + std::log2(sigma_);
    for (double x : up_) out.up.push_back(x / up_length_);
    for (double x : b_) out.down.push_back(x / up_length_ / sigma_);
    return out;
  }

 private:
  static double inner(const std::vector<double>& x, const std::vector<double>& y) {
    double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
  }
  std::vector<double> times_weights(std::vector<double> x) const {
    for (size_t i = 0; i < x.size(); ++i) x[i] *= weights_[i];
    return x;
  }

  std::vector<double> weights_, a_, b_, up_;
  double length_ = 0, up_length_ = 0, sigma_ = 0;
};

// Rounds for the clusters that are too large for their products to be kept.
Status read_rounds(const Clusters& clusters, const Grams& ups, const Grams& downs,
                   std::vector<TopPair>& pairs) {
  bool any = false;
  for (const auto& cluster : clusters) any = any || !Grams::is_small(cluster);
  Vectors x(pairs.size());
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
    for (unsigned round = 0; Grams::is_small(clusters[c]) && round < kRounds; ++round) {
      const std::vector<double> down = pairs[c].down(of_ups.product(c, pairs[c].a()));
      if (pairs[c].advance(of_downs.product(c, down))) break;
    }
    out.push_back(pairs[c].result(scales[c]));
  }
  return out;
}

}  // namespace wmk::neurons
