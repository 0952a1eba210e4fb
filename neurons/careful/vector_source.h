// One vector of every neuron of an FFN: where it is stored and what folds into it.
//
// Purpose: careful reading takes vectors of any magnitude. A row is divided by the power of two of
// its largest entry, and the exponent is kept apart, so that no square overflows or vanishes
// (specs/careful.md 1). Lifetime: a source refers to its checkpoint and norm weight.
// Thread-safety: pure functions and values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkpoint/layout/unit_block.h"

namespace wmk::neurons {

struct VectorSource {
  const checkpoint::Checkpoint* checkpoint = nullptr;
  checkpoint::View view;
  uint64_t units = 0;
  uint64_t width = 0;
  std::span<const float> norm_weight;  // `width` values; empty: 1

  // Neighbouring coordinates of one vector are closer than vectors are.
  bool unit_major() const { return view.coordinate_stride < view.unit_stride || width == 1; }
};

// The length of a vector: norm * 2^exponent. Zero or not finite: the neuron is skipped.
struct RowScale {
  double norm = 0;
  int exponent = 0;

  bool finite() const;
  bool zero() const { return norm == 0; }
  double log2() const;
};

// Vectors [first, first + count) of the block times the norm weight (empty: 1), in double
// precision: count x width, whatever the layout of the block.
void widen_folded(const checkpoint::RawBlock& raw, std::span<const float> norm_weight,
                  uint64_t first, uint64_t count, std::vector<double>& rows);

// Divides the row by the power of two that brings its largest entry into [1/2, 1). A row that is
// zero or not finite is left as it is.
RowScale take_scale(std::span<double> row);

}  // namespace wmk::neurons
