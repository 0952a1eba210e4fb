// Where the vectors of units lie inside one FFN tensor.
//
// Purpose: turns the layout flags of a rule and the shape of a tensor into strides, or says why
// they do not match. Thread-safety: pure functions.
#pragma once

#include "base/result.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

// `slices()` matrices of `units` vectors each. For gate_up the gate row of a unit lies
// `gate_offset` elements, its up row `up_offset` elements behind the place that the strides give.
struct FfnMatrix {
  uint64_t layers = 1;   // 1 unless the rule has all_layers
  uint64_t experts = 1;  // of each layer
  uint64_t units = 0;
  uint64_t slice_stride = 0;
  uint64_t unit_stride = 0;
  uint64_t coordinate_stride = 0;
  uint64_t gate_offset = 0;
  uint64_t up_offset = 0;

  uint64_t slices() const { return layers * experts; }
  View view(size_t tensor, uint64_t slice) const {
    return {tensor, slice * slice_stride, unit_stride, coordinate_stride};
  }
};

// Errors name the tensor: unsupported (its type does not hold plain weights), malformed (its shape
// does not match the rule in a model of this width).
Result<FfnMatrix> read_ffn_matrix(const Tensor& tensor, const Rule& rule, uint64_t width);

// Whether its vectors have `width` coordinates, whatever else its shape is.
bool has_width(const Tensor& tensor, const Rule& rule, uint64_t width);

}  // namespace wmk::checkpoint
