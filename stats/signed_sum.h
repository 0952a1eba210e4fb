// Sums of terms whose signs are random under the null hypothesis (specs/lineage.md 1).
//
// Purpose: S = sum of x, with p <= exp(-S^2 / (2 sum x^2)) for S > 0 (Hoeffding's inequality):
// valid for any x, without sampling; two-sided it is twice that. Terms that share a sign must be
// added up first (grouped). Lifetime: plain values. Thread-safety: pure functions; merge in a fixed
// order for identical results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wmk::stats {

struct SignedSum {
  double sum = 0;
  double squares = 0;
  uint64_t terms = 0;

  // Terms that are not finite are left out.
  void add(double x);
  void merge(const SignedSum& other);
  double z() const;                  // standard deviation 1 under the null hypothesis
  double log10_p() const;            // at most 0
  double log10_p_two_sided() const;  // p <= 2 exp(-z^2 / 2), for either sign of S
};

// log10 of 2 exp(-z^2 / 2), at most 0.
double log10_two_sided(double z);

// A term and the unit whose sign it has.
struct SignedTerm {
  uint64_t unit = 0;
  double x = 0;
};
// One term for each unit: the sum of the x that share its sign.
SignedSum grouped(std::vector<SignedTerm> terms);

// log10 of a bound on P(K >= count) for a Poisson variable K of that mean (Chernoff).
double log10_poisson_tail(double count, double mean);

// Pearson's correlation; 0 if one side is constant.
double correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace wmk::stats
