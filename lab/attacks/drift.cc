// drift: a rough model of long fine-tuning: Gaussian noise of a given size relative to each row.
#include "lab/attack_functions.h"
#include "lab/model/matrices.h"

namespace wmk::lab {

static void plan_drift(PlannedTensor& tensor, double relative, uint64_t seed) {
  if (relative == 0) return;
  tensor.edits.push_back([relative, seed, columns = tensor.columns(),
                          purpose = "drift/" + tensor.name](Values& values) -> Status {
    drift_rows(values, columns, relative, seed, purpose);
    return {};
  });
}

Status drift(Model& model, const Arguments& arguments) {
  const double relative = arguments.number("drift");
  const double embedding = arguments.number("embedding-drift");
  for (PlannedTensor& tensor : model.plan().tensors) {
    if (is_inner_matrix(model, tensor)) plan_drift(tensor, relative, arguments.seed());
    if (tensor.origin == model.anatomy().token_embedding) {
      plan_drift(tensor, embedding, arguments.seed());
    }
  }
  return {};
}

}  // namespace wmk::lab
