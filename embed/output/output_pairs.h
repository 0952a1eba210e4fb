// The pairs of carriers that are added to a head: directions and coefficients (specs/output.md 2).
//
// Lifetime: refers to the marks. Thread-safety: immutable after measure().
#pragma once

#include <span>
#include <vector>

#include "embed/output/output_marker.h"

namespace wmk::embed {

// The pairs of all marks, one after the other.
class OutputPairs {
 public:
  // `left_out`: by column, 1 where all directions are zero.
  OutputPairs(const std::vector<OutputMark>& marks, size_t pairs,
              const std::vector<uint8_t>& left_out);

  size_t count() const { return marks_.size() * pairs_; }
  // u of each pair: count() x width.
  const float* directions() const { return directions_.data(); }

  // Sets the size of each pair: sqrt(f / (1 - f)) ||W_c u|| / ||a||. `norms` holds ||W_c u||.
  void measure(std::span<const double> norms, double energy);
  // size x a of each pair in rows [first, first + rows): rows x count().
  void coefficients(uint64_t first, uint64_t rows, std::vector<float>& out) const;

 private:
  const std::vector<OutputMark>& marks_;
  size_t pairs_;
  WipedVector<float> directions_;
  std::vector<float> sizes_, means_;
};

}  // namespace wmk::embed
