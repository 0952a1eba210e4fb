// reshard and cast: store the model in other files or in another type.
#include "base/text.h"
#include "lab/attack_functions.h"

namespace wmk::lab {

Status reshard(Model& model, const Arguments& arguments) {
  Plan& plan = model.plan();
  const uint64_t count = arguments.whole("shards");
  if (count > plan.tensors.size()) {
    return Error(ErrorCode::invalid_argument,
                 cat("--shards ", count, ": the model has ", plan.tensors.size(), " tensors"));
  }
  const Plan::Metadata metadata = plan.metadata.front();
  plan.metadata.assign(count, metadata);
  plan.index_name = "model.safetensors.index.json";
  plan.files = shard_names(count);
  plan.spread(count);
  return {};
}

Status cast(Model& model, const Arguments& arguments) {
  using checkpoint::DType;
  const std::string& to = arguments.text("to");
  const DType dtype = to == "f32"    ? DType::f32
                      : to == "f16"  ? DType::f16
                      : to == "bf16" ? DType::bf16
                                     : DType::f8_e4m3;
  for (PlannedTensor& tensor : model.plan().tensors) {
    // Vectors need their precision; tools that write fp8 checkpoints keep their type as well.
    const bool is_vector = tensor.shape.size() < 2;
    if (!checkpoint::is_weight_type(tensor.dtype)) continue;
    if (dtype == DType::f8_e4m3 && is_vector) continue;
    tensor.dtype = dtype;
  }
  if (dtype == DType::f8_e4m3) return {};
  const char* torch_name = to == "f32" ? "float32" : to == "f16" ? "float16" : "bfloat16";
  return model.edit_config([&](JsonTree& config) {
    if (config.find("torch_dtype")) config.set("torch_dtype", JsonTree::string(torch_name));
  });
}

}  // namespace wmk::lab
