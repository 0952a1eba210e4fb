// Attention heads inside tensors: the vectors of one head, as a matrix of their own.
//
// Purpose: attacks on heads see rows, whether a tensor stores them as rows or columns, alone or
// beside queries and keys. Thread-safety: pure functions; a HeadTensors refers to its Model.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "checkpoint/attention/attention_blocks.h"
#include "lab/model/model.h"

namespace wmk::lab {

using checkpoint::AttentionBlock;
using checkpoint::HeadLayer;
using checkpoint::View;

// A head layer and its tensors by part.
struct LayerHeads {
  HeadLayer layer;
  AttentionBlock block;
};

// Errors (unsupported): no heads are found, or a layer's cannot be read; `attack` is named.
Result<std::vector<LayerHeads>> heads_of(const Model& model, std::string_view attack);

// What a layer allows beside its values and outputs.
enum class HeadFreedom : uint8_t {
  // Something else knows which query head is which: sinks, a norm over all heads, a latent,
  // experts.
  values,
  queries,  // query heads of one group may change places
};

// Error for a tensor of attention that could tie its values together: a norm or a gate between
// values and outputs, anything unknown.
Result<HeadFreedom> head_freedom(const Model& model, const LayerHeads& heads,
                                 std::string_view attack);

// Queries of the layer as vectors of the width of the residual stream, heads * their size.
Result<View> query_view(const Model& model, const LayerHeads& heads);

// Elements of a bias that belong to the vectors of a view: vectors of one coordinate.
View bias_view(const View& view, size_t bias_tensor);

// Vectors [first, first + count) of `coordinates` coordinates each, row by row.
Values vectors_of(const Values& tensor, const View& view, uint64_t coordinates, uint64_t first,
                  uint64_t count);
void replace_vectors(Values& tensor, const View& view, uint64_t coordinates, uint64_t first,
                     const Values& vectors);

}  // namespace wmk::lab
