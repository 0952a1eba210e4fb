// The copies that several licensees put together, read side by side.
//
// Purpose: attacks of colluders combine the same elements of all copies, a piece at a time, so
// memory does not grow with the size of the model. Lifetime: owns the open checkpoints.
// Thread-safety: immutable; read() may run concurrently.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lab/model/model.h"

namespace wmk::lab {

class Copies {
 public:
  // The model as copy 0, then those of `folders`, separated by commas. Errors (invalid_argument): a
  // copy without one of the model's tensors of weights, or with another shape.
  static Result<std::shared_ptr<const Copies>> open(const Model& model, const std::string& folders);

  size_t count() const { return checkpoints_.size(); }
  // Elements from `first` of tensor `tensor`, an index into the tensors of the model.
  Status read(size_t copy, size_t tensor, uint64_t first, std::span<float> out) const;
  // All elements.
  Result<Values> read(size_t copy, size_t tensor) const;

 private:
  Status add(const Model& model, const std::string& folder);

  std::vector<std::shared_ptr<const checkpoint::Checkpoint>> checkpoints_;
  // By copy, by tensor of the model; null: not weights.
  std::vector<std::vector<const checkpoint::Tensor*>> tensors_;
};

}  // namespace wmk::lab
