// Reorders and scales the feed-forward neurons inside tensors through their views.
//
// Purpose: the views of the anatomy hide names and layouts, so that one loop works for plain,
// transposed, fused and stacked matrices. Thread-safety: pure functions, except those that edit a
// Model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lab/model/model.h"

namespace wmk::lab {

using checkpoint::UnitGroup;
using checkpoint::View;

// Unit i gets the values of unit order[i].
void reorder_units(Values& values, const View& view, uint64_t width,
                   std::span<const uint64_t> order);
// Multiplies unit i by factors[i].
void scale_units(Values& values, const View& view, uint64_t width, std::span<const float> factors);

// The biases of the rows of a view, as a view of width 1: element `first + unit * stride` of a
// vector. nullopt if the model has no such tensor.
Result<std::optional<View>> bias_of(const Model& model, const View& view);

// Appends an edit to the plan of the tensor of a view.
void edit(Model& model, const View& view, std::function<Status(Values&)> change);
void plan_reorder(Model& model, const View& view, uint64_t width, std::vector<uint64_t> order);
void plan_scale(Model& model, const View& view, uint64_t width, std::vector<float> factors);

// The group's views on the input side (gate, up), without biases.
std::vector<View> input_views(const UnitGroup& group);

// Error for models with a norm inside the feed-forward network (BitNet), which ties their neurons
// together.
Status check_plain_units(const Model& model, std::string_view attack);

// Whether the view covers a whole plain matrix.
bool is_whole_matrix(const Model& model, const View& view, uint64_t units);

}  // namespace wmk::lab
