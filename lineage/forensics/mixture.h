// Which weighted mean of several vectors is closest to one more?
//
// Purpose: least squares with weights that sum to one, as merges have them (specs/lineage.md 11).
// Everything is measured from the first parent, so that parents which are much alike do no harm to
// the digits. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::lineage {

// Products of E = B - A0 and D_i = A_i - A0, of vectors of one length.
struct MixtureProducts {
  MixtureProducts() = default;
  explicit MixtureProducts(size_t parents);  // A0 among them

  size_t parents = 0;
  std::vector<double> dd, de;  // (parents - 1) squared; parents - 1
  double ee = 0, bb = 0;
  std::vector<double> alone;  // squared cosine of B with each parent, 0 where it is negative

  // In parts of |B|^2, so that each matrix counts the same whatever its size; bb counts them.
  void add(const MixtureProducts& other);
  bool is_sound() const;  // finite, and B is not 0
};
// `parents` is not empty.
MixtureProducts mixture_products(std::span<const float> suspect,
                                 const std::vector<std::vector<float>>& parents);

struct Mixture {
  std::vector<double> weights;
  double explained = 0;  // 1 - |B - sum w A|^2 / |B|^2
};
Mixture best_mixture(const MixtureProducts& products);

}  // namespace wmk::lineage
