// Where rows of two models are compared: the coordinates of the release or, for wide models, fewer
// projections of them.
//
// Purpose: cosines of 1,024 projections on fixed random signs differ by about (1 - cosine^2) / 32
// from those of the rows, and cost a part of the time. Lifetime: owns its matrices. Thread-safety:
// immutable.
#pragma once

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

class Projection {
 public:
  // `o`: suspect width x release width.
  Projection(const std::vector<float>& o, size_t suspect_width, size_t release_width);

  // Suspect width x width of the projection: a row s of the suspect becomes s O.
  const std::vector<float>& of_suspect() const { return signs_.empty() ? o_ : projected_; }
  // Unit rows of the release, as they are or projected, at length 1.
  Rows of(Rows release, unsigned threads) const;

 private:
  size_t width_ = 0;  // of the projection
  const std::vector<float>& o_;
  std::vector<float> signs_;  // release width x width_; empty: none
  std::vector<float> projected_;
};

}  // namespace wmk::neurons
