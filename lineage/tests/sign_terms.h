// The terms of a test of signs, and their sums (specs/lineage.md 1).
//
// Lifetime: values. Thread-safety: pure functions; each task adds to its own terms.
#pragma once

#include <vector>

#include "stats/signed_sum.h"

namespace wmk::lineage {

// The x of some sign groups, and of each against its neighbour.
struct SignTerms {
  std::vector<double> x, shifted;
  void add(double of_group, double of_neighbour) {
    x.push_back(of_group);
    shifted.push_back(of_neighbour);
  }
  // Adds those of sign groups that are copies of these, and share their signs.
  void add_copies(const SignTerms& copies);
};
template <class Visit>
void fields(SignTerms& terms, Visit& visit) {
  visit(terms.x);
  visit(terms.shifted);
}

struct RowSigns {
  stats::SignedSum sum;      // x = sum of the cosines of a sign group
  stats::SignedSum shifted;  // control: each group against its neighbour
  double cosines = 2;        // per x, on average
  // The mean cosine.
  double effect() const {
    return sum.terms ? sum.sum / (cosines * static_cast<double>(sum.terms)) : 0;
  }
  void merge(const RowSigns& other) {
    sum.merge(other.sum);
    shifted.merge(other.shifted);
  }
  void add(const SignTerms& terms);
};

}  // namespace wmk::lineage
