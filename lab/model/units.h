// Feed-forward units inside tensors: moving and scaling them through their views.
//
// Purpose: the views of the anatomy hide names and layouts, so one loop serves plain, transposed,
// fused and stacked matrices. Thread-safety: pure functions, except those that edit a Model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lab/model/model.h"

namespace wmk::lab {

using checkpoint::UnitGroup;
using checkpoint::View;

// Unit i becomes what unit order[i] was.
void reorder_units(Values& values, const View& view, uint64_t width,
                   std::span<const uint64_t> order);
// Unit i is multiplied by factors[i].
void scale_units(Values& values, const View& view, uint64_t width, std::span<const float> factors);

// The biases that belong to the rows of a view: element `first + unit * stride` of a vector. None
// where the model has no such tensor. A view is then one of width 1.
Result<std::optional<View>> bias_of(const Model& model, const View& view);

// Appends an edit to the tensor of the view.
void edit(Model& model, const View& view, std::function<Status(Values&)> change);
void plan_reorder(Model& model, const View& view, uint64_t width, std::vector<uint64_t> order);
void plan_scale(Model& model, const View& view, uint64_t width, std::vector<float> factors);

// The group's views that stand on the side of the input (gate, up), biases apart.
std::vector<View> input_views(const UnitGroup& group);

// Refuses models that normalise inside the feed-forward network (BitNet): their units are not free.
Status check_plain_units(const Model& model, std::string_view attack);

// True where the view is all of a plain matrix.
bool is_whole_matrix(const Model& model, const View& view, uint64_t units);

}  // namespace wmk::lab
