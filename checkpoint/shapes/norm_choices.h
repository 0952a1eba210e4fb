// Which vectors [d] may be the norm weights before the FFNs.
//
// Lifetime: refers to tensors by index. Thread-safety: pure functions; rank_norms reads the vectors
// and a sample of weights.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/shapes/profile.h"
#include "checkpoint/shapes/slots.h"

namespace wmk::checkpoint {

// Row `row` of a tensor [rows, d], or the whole of a tensor [d].
struct VectorPlace {
  size_t tensor = 0;
  uint64_t row = 0;
  auto operator<=>(const VectorPlace&) const = default;
};

// An FFN that stands for its layer.
struct LayerPlace {
  uint64_t layer = 0;
  size_t position = 0;            // of its first matrix, in the order of tensors
  bool is_named = false;          // `layer` is a number in the names
  std::optional<uint64_t> slice;  // of stacked layers
  Slot up;
  std::optional<Slot> gate;
};

struct NormChoice {
  std::string words;
  std::map<uint64_t, VectorPlace> by_layer = {};
  bool is_matched = false;  // chosen for each layer alone
};

// The choices that order and names allow, the most likely first. `rank`: the place of each tensor
// in the order of reading. `lengths`: of the columns that were sampled so far.
std::vector<NormChoice> rank_norms(const Checkpoint& checkpoint, ColumnLengths& lengths,
                                   const ShapeReading& shapes, const std::vector<size_t>& rank,
                                   const std::vector<LayerPlace>& layers);

// Empty: not read, or not finite.
std::vector<float> read_vector(const Checkpoint& checkpoint, const VectorPlace& place,
                               uint64_t width);

}  // namespace wmk::checkpoint
