// prune: sets the smallest weights of each matrix to zero.
#include <algorithm>
#include <cmath>

#include "lab/attack_functions.h"
#include "lab/model/matrices.h"

namespace wmk::lab {

static void zero_smallest(Values& values, double fraction) {
  const auto count = static_cast<size_t>(fraction * static_cast<double>(values.size()));
  if (count == 0) return;
  std::vector<float> sizes(values.size());
  std::transform(values.begin(), values.end(), sizes.begin(), [](float v) { return std::fabs(v); });
  const auto limit = sizes.begin() + static_cast<ptrdiff_t>(count - 1);
  std::nth_element(sizes.begin(), limit, sizes.end());
  for (float& value : values) {
    if (std::fabs(value) <= *limit) value = 0;
  }
}

Status prune(Model& model, const Arguments& arguments) {
  const double fraction = arguments.number("fraction");
  for (PlannedTensor& tensor : model.plan().tensors) {
    if (!is_inner_matrix(model, tensor)) continue;
    tensor.edits.push_back([fraction](Values& values) -> Status {
      zero_smallest(values, fraction);
      return {};
    });
  }
  return {};
}

}  // namespace wmk::lab
