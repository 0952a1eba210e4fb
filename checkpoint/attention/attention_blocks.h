// The tensors of attention, layer by layer.
//
// Purpose: what the rules of a family name as query, key, value, output and norms, put together.
// Lifetime: refers to tensors by index. Thread-safety: pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// Attention of one layer, or one of several in it (a stack of layers, a block of the layer).
struct AttentionBlock {
  uint64_t layer = 0;
  std::string place;
  std::map<AttentionPart, AttentionTensor> weights, biases;
  std::string fault;  // two tensors for one part; else empty

  // Null: there is none.
  const AttentionTensor* find(AttentionPart part) const;
  const AttentionTensor* find_bias(AttentionPart part) const;
  // Whether it has a matrix, not only norms.
  bool has_matrix() const;
};

// By layer, then place; only those that have a matrix. Of two norms before attention the one that
// is not shared with the FFN stands.
std::vector<AttentionBlock> attention_blocks(const std::vector<Tensor>& tensors,
                                             const Anatomy& anatomy);

// `vectors` vectors of `coordinates` coordinates, as one tensor holds them.
struct AttentionMatrix {
  uint64_t vectors = 0, coordinates = 0;
  View view;
};

// Vectors are rows, but columns of the output matrix; the other way round where it is transposed.
// A tensor of more than two dimensions counts as the matrix that it is when vectors are put
// together; outputs of stacked experts follow each other. Errors name the tensor: its type is not
// read, or it is not a matrix.
Result<AttentionMatrix> attention_matrix(const std::vector<Tensor>& tensors,
                                         const AttentionTensor& part);

}  // namespace wmk::checkpoint
