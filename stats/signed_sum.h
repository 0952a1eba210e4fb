// Sums of terms whose signs are fair coins under the null hypothesis (specs/lineage.md 1).
//
// Purpose: S = sum of x with p <= exp(-S^2 / (2 sum x^2)) for S > 0 (Hoeffding): exact for any x,
// no sampling, one-sided. Terms that share a sign must be added up first (grouped). Lifetime: plain
// values. Thread-safety: pure; merge in a fixed order to get the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wmk::stats {

struct SignedSum {
  double sum = 0;
  double squares = 0;
  uint64_t terms = 0;

  // Terms that are no numbers are left out.
  void add(double x);
  void merge(const SignedSum& other);
  double z() const;        // sd 1 under the null
  double log10_p() const;  // at most 0
};

// A term and the unit whose sign it carries.
struct SignedTerm {
  uint64_t unit = 0;
  double x = 0;
};
// One term a unit: X = sum of the x that share its sign.
SignedSum grouped(std::vector<SignedTerm> terms);

// log10 of a bound on P(K >= count) for Poisson K of that mean (Chernoff).
double log10_poisson_tail(double count, double mean);

// Pearson's correlation; 0 where one side is constant.
double correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace wmk::stats
