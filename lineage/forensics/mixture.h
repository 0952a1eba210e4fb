// The weighted mean of several vectors that is closest to another vector.
//
// Purpose: least squares with weights that sum to one, as in merged models (specs/lineage.md 11).
// Differences from the first parent are used, so that very similar parents do not cost precision.
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::lineage {

// Products of E = B - A0 and D_i = A_i - A0, all of equal length.
struct MixtureProducts {
  MixtureProducts() = default;
  explicit MixtureProducts(size_t parents);  // including A0

  size_t parents = 0;
  std::vector<double> dd, de;  // (parents - 1) squared; parents - 1
  double ee = 0, bb = 0;
  std::vector<double> alone;  // squared cosine of B with each parent; 0 if the cosine is negative

  // Divides by |B|^2, so that matrices of any size count the same; bb becomes their number.
  void add(const MixtureProducts& other);
  bool is_sound() const;  // finite, and B is not 0
};
// `parents` must not be empty.
MixtureProducts mixture_products(std::span<const float> suspect,
                                 const std::vector<std::vector<float>>& parents);

struct Mixture {
  std::vector<double> weights;
  double explained = 0;  // 1 - |B - sum w A|^2 / |B|^2
};
Mixture best_mixture(const MixtureProducts& products);

}  // namespace wmk::lineage
