// fresh-ffn, fresh-attention: all matrices of one kind become Gaussian noise of their own scale, as
// if they had been started anew.
#include "lab/attack_functions.h"
#include "lab/model/matrices.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

void renew(Model& model, const Arguments& arguments, bool attention) {
  for (PlannedTensor& tensor : model.plan().tensors) {
    if (!is_inner_matrix(model, tensor)) continue;
    const auto role = model.anatomy().roles[*tensor.origin];
    if ((role == checkpoint::Role::attention) != attention) continue;
    tensor.edits.push_back(
        [seed = arguments.seed(), purpose = "fresh/" + tensor.name](Values& values) -> Status {
          const double scale = standard_deviation(values);
          Random random(seed, purpose);
          for (float& value : values) value = static_cast<float>(scale) * random.gaussian();
          return {};
        });
  }
}

}  // namespace

Status fresh_ffn(Model& model, const Arguments& arguments) {
  renew(model, arguments, false);
  return {};
}

Status fresh_attention(Model& model, const Arguments& arguments) {
  renew(model, arguments, true);
  return {};
}

}  // namespace wmk::lab
