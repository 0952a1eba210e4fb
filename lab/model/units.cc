#include "lab/model/units.h"

#include <algorithm>

#include "base/text.h"
#include "lab/model/names.h"

namespace wmk::lab {

void reorder_units(Values& values, const View& view, uint64_t width,
                   std::span<const uint64_t> order) {
  Values moved(order.size() * width);
  float* to = moved.data();
  for (const uint64_t unit : order) {
    const float* from = values.data() + view.first + unit * view.unit_stride;
    for (uint64_t i = 0; i < width; ++i) *to++ = from[i * view.coordinate_stride];
  }
  const float* from = moved.data();
  for (uint64_t unit = 0; unit < order.size(); ++unit) {
    float* back = values.data() + view.first + unit * view.unit_stride;
    for (uint64_t i = 0; i < width; ++i) back[i * view.coordinate_stride] = *from++;
  }
}

void scale_units(Values& values, const View& view, uint64_t width, std::span<const float> factors) {
  for (uint64_t unit = 0; unit < factors.size(); ++unit) {
    float* at = values.data() + view.first + unit * view.unit_stride;
    for (uint64_t i = 0; i < width; ++i) at[i * view.coordinate_stride] *= factors[unit];
  }
}

Result<std::optional<View>> bias_of(const Model& model, const View& view) {
  const checkpoint::Tensor& matrix = model.checkpoint().tensors()[view.tensor];
  const std::string stem(without_weight(matrix.name));
  if (const auto* stacked = model.checkpoint().find(stem + "_bias")) {
    return Error(ErrorCode::unsupported, cat("tensor '", escaped(stacked->name),
                                             "': attacks cannot move biases of stacked experts"));
  }
  const checkpoint::Tensor* bias = model.checkpoint().find(stem + ".bias");
  if (bias == nullptr) return std::optional<View>();
  const uint64_t outputs = bias->elements();
  const uint64_t row = matrix.elements() / std::max<uint64_t>(outputs, 1);
  View out;
  out.tensor = static_cast<size_t>(bias - model.checkpoint().tensors().data());
  // An output is a row of [out, in] or a column of [in, out].
  const bool by_rows = view.coordinate_stride == 1;
  out.first = by_rows ? view.first / row : view.first;
  out.unit_stride = by_rows ? view.unit_stride / row : view.unit_stride;
  return std::optional<View>(out);
}

void edit(Model& model, const View& view, std::function<Status(Values&)> change) {
  model.plan().at_origin(view.tensor).edits.push_back(std::move(change));
}

void plan_reorder(Model& model, const View& view, uint64_t width, std::vector<uint64_t> order) {
  edit(model, view, [view, width, order = std::move(order)](Values& values) -> Status {
    reorder_units(values, view, width, order);
    return {};
  });
}

void plan_scale(Model& model, const View& view, uint64_t width, std::vector<float> factors) {
  edit(model, view, [view, width, factors = std::move(factors)](Values& values) -> Status {
    scale_units(values, view, width, factors);
    return {};
  });
}

std::vector<View> input_views(const UnitGroup& group) {
  if (!group.gate) return {group.up};
  return {*group.gate, group.up};
}

Status check_plain_units(const Model& model, std::string_view attack) {
  for (const checkpoint::Tensor& tensor : model.checkpoint().tensors()) {
    if (tensor.name.find("ffn_sub_norm") == std::string::npos) continue;
    return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor.name),
                                             "': a norm inside the feed-forward network; '", attack,
                                             "' would change the function of the model"));
  }
  return {};
}

bool is_whole_matrix(const Model& model, const View& view, uint64_t units) {
  const checkpoint::Tensor& tensor = model.checkpoint().tensors()[view.tensor];
  const uint64_t width = model.anatomy().width;
  return tensor.shape.size() == 2 && tensor.elements() == units * width && view.first == 0;
}

}  // namespace wmk::lab
