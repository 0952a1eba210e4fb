// The matrices that lossy attacks change: feed-forward and attention weights of two or more
// dimensions. Embeddings, heads, norms, routers and biases stay, as in common tools.
//
// Thread-safety: pure functions, except those that edit a Model.
#pragma once

#include <functional>
#include <span>

#include "lab/model/model.h"

namespace wmk::lab {

bool is_inner_matrix(const Model& model, const PlannedTensor& tensor);

// Calls `change(values of the row)` for every row of the tensor.
void for_each_row(Values& values, uint64_t columns,
                  const std::function<void(std::span<float>)>& change);

// Adds N(0, (relative * s)^2) to every value, s being the standard deviation of its row.
void drift_rows(Values& values, uint64_t columns, double relative, uint64_t seed,
                std::string_view purpose);

}  // namespace wmk::lab
