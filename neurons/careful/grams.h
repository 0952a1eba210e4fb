// The products R R^T of the unit rows R of each cluster of neurons.
//
// Purpose: singular vectors of a sum over a cluster are found in the space of its members, where
// only these products are needed. Those of a small cluster are kept; a large one is read again for
// each product. Lifetime: refers to its arguments. Thread-safety: one caller.
#pragma once

#include "neurons/careful/same_gate.h"

namespace wmk::neurons {

class Grams {
 public:
  using Vectors = std::vector<std::vector<double>>;  // one for each cluster

  // `rows`: members in the order of the clusters.
  Grams(const Clusters& clusters, const MemberRows& rows);

  // Its products are kept.
  static bool is_small(const std::vector<uint32_t>& cluster);
  // Computes the products of the small clusters.
  Status read_small();
  // R R^T x of a small cluster.
  std::vector<double> product(size_t cluster, const std::vector<double>& x) const;
  // R R^T x of each cluster that is not small, in one pass over the rows; zeros for small ones.
  Result<Vectors> products_reading(const Vectors& x) const;

 private:
  void add_products(const MemberRows::Slice& slice, size_t cluster, const std::vector<double>& x,
                    std::vector<double>& out) const;

  const Clusters& clusters_;
  const MemberRows& rows_;
  std::vector<size_t> first_;  // of each cluster among the rows
  Vectors small_;
};

}  // namespace wmk::neurons
