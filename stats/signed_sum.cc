#include "stats/signed_sum.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace wmk::stats {

void SignedSum::add(double x) {
  if (!std::isfinite(x)) return;
  sum += x;
  squares += x * x;
  ++terms;
}

void SignedSum::merge(const SignedSum& other) {
  sum += other.sum;
  squares += other.squares;
  terms += other.terms;
}

double SignedSum::z() const { return squares > 0 ? sum / std::sqrt(squares) : 0; }

double SignedSum::log10_p() const {
  const double score = std::max(0.0, z());
  return -score * score / 2 * std::numbers::log10e;
}

double log10_two_sided(double z) {
  return std::min(0.0, std::log10(2.0) - z * z / 2 * std::numbers::log10e);
}

double SignedSum::log10_p_two_sided() const { return log10_two_sided(z()); }

SignedSum grouped(std::vector<SignedTerm> terms) {
  std::stable_sort(terms.begin(), terms.end(),
                   [](const SignedTerm& a, const SignedTerm& b) { return a.unit < b.unit; });
  SignedSum out;
  for (size_t i = 0; i < terms.size();) {
    const uint64_t unit = terms[i].unit;
    double x = 0;
    for (; i < terms.size() && terms[i].unit == unit; ++i) x += terms[i].x;
    out.add(x);
  }
  return out;
}

double log10_poisson_tail(double count, double mean) {
  if (count <= mean) return 0;
  if (mean <= 0) return -std::numeric_limits<double>::infinity();
  return -(count * std::log(count / mean) - count + mean) * std::numbers::log10e;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const size_t count = std::min(a.size(), b.size());
  if (count < 2) return 0;
  double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < count; ++i) {
    mean_a += a[i] / static_cast<double>(count);
    mean_b += b[i] / static_cast<double>(count);
  }
  for (size_t i = 0; i < count; ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace wmk::stats
