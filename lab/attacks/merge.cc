// merge: the weighted mean of each tensor with that of another model of the same shapes.
#include <memory>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"
#include "lab/attack_functions.h"

namespace wmk::lab {

using checkpoint::Checkpoint;
using checkpoint::Tensor;

// The other model is read when the plan is executed.
static Status mix(Values& values, const Checkpoint& other, const Tensor& tensor, float weight) {
  Bytes bytes(tensor.bytes);
  if (auto status = other.read(tensor, 0, bytes); !status) return status;
  Values theirs(tensor.elements());
  checkpoint::widen(tensor.dtype, bytes, theirs);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = (1 - weight) * values[i] + weight * theirs[i];
  }
  return {};
}

Status merge(Model& model, const Arguments& arguments) {
  auto opened = Checkpoint::open(arguments.text("with"));
  if (!opened) return std::move(opened).error();
  const auto other = std::make_shared<const Checkpoint>(std::move(*opened));
  const auto weight = static_cast<float>(arguments.number("weight"));
  uint64_t missing = 0;
  for (PlannedTensor& tensor : model.plan().tensors) {
    const Tensor* theirs = other->find(tensor.name);
    if (theirs == nullptr) ++missing;
    if (theirs == nullptr || !checkpoint::is_weight_type(tensor.dtype)) continue;
    if (theirs->shape != tensor.shape || !checkpoint::has_float_value(theirs->dtype)) {
      return Error(ErrorCode::invalid_argument,
                   cat("tensor '", escaped(tensor.name), "': shape or type differs in ",
                       escaped(arguments.text("with"))));
    }
    tensor.edits.push_back(
        [other, theirs, weight](Values& values) { return mix(values, *other, *theirs, weight); });
  }
  if (missing == model.plan().tensors.size()) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(arguments.text("with")), ": no tensor of the same name"));
  }
  if (missing > 0)
    model.note(cat(missing, " tensors are not in the other model and stay unchanged"));
  return {};
}

}  // namespace wmk::lab
