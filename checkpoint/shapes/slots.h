// Tensors as matrices of units: what the shapes of a checkpoint allow, whatever the names.
//
// Purpose: the first step of an anatomy from shapes. A model has one width d that nearly all
// matrices share; a matrix [n, d] or [d, n], or a stack of them, may hold n vectors of units.
// Lifetime: refers to tensors by index. Thread-safety: pure functions of names and shapes.
#pragma once

#include <cstdint>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// A tensor read as `slices` matrices of `units` vectors of the model's width.
struct Slot {
  size_t tensor = 0;
  uint64_t slices = 1, units = 0;
  uint64_t slice_stride = 0, unit_stride = 0, coordinate_stride = 0;
  uint64_t first = 0;  // element of the tensor
  bool in_rows() const { return coordinate_stride == 1; }  // a unit is a row, not a column
  View view(uint64_t slice) const {
    return {tensor, first + slice * slice_stride, unit_stride, coordinate_stride};
  }
};

// Vectors [d], or rows of a matrix [slices, d], that may be norm weights.
struct VectorSlot {
  size_t tensor = 0;
  uint64_t slices = 1;
};

struct ShapeReading {
  uint64_t width = 0;
  std::vector<size_t> embeddings = {};  // the most likely first
  std::vector<Slot> slots = {};         // in the order of tensors; a square matrix occurs once, as rows
  std::vector<VectorSlot> vectors = {};
};

// The widths that most weights share, the most likely first; at most two.
std::vector<uint64_t> likely_widths(const std::vector<Tensor>& tensors);

// An empty list of embeddings or slots: no model of this width.
ShapeReading read_shapes(const std::vector<Tensor>& tensors, const Config& config, uint64_t width);

}  // namespace wmk::checkpoint
