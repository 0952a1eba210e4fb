// Rows that pass a latent, as queries and keys of multi-head latent attention do.
//
// Purpose: such a matrix is stored as U diag(g) D, and only the product tells what it computes: any
// scale, and any invertible matrix, can stand between the factors. Lifetime: owns D. Thread-safety:
// immutable.
#pragma once

#include <vector>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

class LatentMatrix {
 public:
  // Row i of D is 2^exponents[i] times that of `down`; no `norm`: g is 1.
  LatentMatrix(Rows down, std::vector<int> exponents, std::vector<float> norm);

  size_t size() const { return down_.count; }
  // Rows U become those of U diag(g) D, each divided by a power of two.
  void apply(Rows& rows, std::vector<int>& exponents) const;

 private:
  Rows down_;
  std::vector<int> exponents_;
  std::vector<float> norm_;
};

}  // namespace wmk::neurons
