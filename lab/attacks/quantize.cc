// quantize: simulates integer quantisation by rounding to nearest; the values are stored in the
// type of the model. Groups of adjacent weights in a row share one scale and one offset.
#include <algorithm>
#include <cmath>

#include "lab/attack_functions.h"
#include "lab/model/matrices.h"

namespace wmk::lab {

// Rounds to `steps` + 1 evenly spaced values from the smallest to the largest of the group.
static void round_to_grid(std::span<float> group, double steps) {
  const auto [low, high] = std::minmax_element(group.begin(), group.end());
  const double begin = *low, pitch = (*high - begin) / steps;
  if (!(pitch > 0)) return;
  for (float& value : group) {
    value = static_cast<float>(begin + pitch * std::nearbyint((value - begin) / pitch));
  }
}

Status quantize(Model& model, const Arguments& arguments) {
  const uint64_t group = arguments.whole("group");
  const double steps = std::exp2(arguments.number("bits")) - 1;
  for (PlannedTensor& tensor : model.plan().tensors) {
    if (!is_inner_matrix(model, tensor)) continue;
    tensor.edits.push_back([group, steps, columns = tensor.columns()](Values& values) -> Status {
      for_each_row(values, columns, [&](std::span<float> row) {
        for (size_t at = 0; at < row.size(); at += group) {
          round_to_grid(row.subspan(at, std::min<size_t>(group, row.size() - at)), steps);
        }
      });
      return {};
    });
  }
  return {};
}

}  // namespace wmk::lab
