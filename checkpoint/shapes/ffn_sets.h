// FFNs of a model from shapes: which matrices belong together.
//
// Purpose: matrices of one size occur in twos (not gated), in threes (gate, up, down), or as one of
// double size with one of single size (gate and up in one tensor). Which of them is which is an
// Arrangement. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/shapes/slots.h"

namespace wmk::checkpoint {

enum class FfnForm { three, two, fused };

// Matrices of one FFN, or of all FFNs of a stack, in the order of tensors. In a fused one the
// matrix of double size comes first, with half of its vectors as `units`.
struct FfnMember {
  std::vector<Slot> slots;
  std::optional<uint64_t> layer;  // where names have one
};

// FFNs of one size.
struct FfnSet {
  FfnForm form = FfnForm::three;
  std::string words;               // how the matrices were put together
  std::vector<FfnMember> members;  // by layer
  uint64_t weights() const;
  // Rows and columns, or whole and half, tell the matrices apart.
  bool is_certain() const;
};

// Ways to put the matrices of one size together, the most likely first.
using FfnChoices = std::vector<FfnSet>;

// One entry for each size of matrices that can be FFNs, the most certain
// and heaviest first. `order`: indices into
// `shapes.slots`, as the tensors are to be read.
std::vector<FfnChoices> find_ffns(const std::vector<Tensor>& tensors, const ShapeReading& shapes,
                                  const std::vector<size_t>& order);

}  // namespace wmk::checkpoint
