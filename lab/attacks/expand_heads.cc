// expand-heads: each query head gets a key/value head of its own, a copy of the one that it shared.
#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/head_blocks.h"

namespace wmk::lab {
namespace {

using checkpoint::AttentionPart;
using checkpoint::AttentionTensor;

// Each of `heads` equal parts, `times` times.
void repeat_heads(Values& values, uint64_t heads, uint64_t times) {
  const size_t size = values.size() / heads;
  Values out;
  out.reserve(values.size() * times);
  for (size_t begin = 0; begin < values.size(); begin += size) {
    for (uint64_t i = 0; i < times; ++i) {
      out.insert(out.end(), values.begin() + static_cast<ptrdiff_t>(begin),
                 values.begin() + static_cast<ptrdiff_t>(begin + size));
    }
  }
  values = std::move(out);
}

Status expand_part(Model& model, const AttentionTensor* part, uint64_t heads, uint64_t times) {
  if (part == nullptr) return {};
  PlannedTensor& tensor = model.plan().at_origin(part->tensor);
  if (part->transposed || tensor.shape.empty() || tensor.shape[0] % heads != 0) {
    return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor.name),
                                             "': its rows are not those of ", heads, " heads"));
  }
  tensor.shape[0] *= times;
  tensor.edits.push_back([heads, times](Values& values) -> Status {
    repeat_heads(values, heads, times);
    return {};
  });
  return {};
}

Status expand_layer(Model& model, const LayerHeads& heads) {
  const HeadLayer& layer = heads.layer;
  const AttentionBlock& block = heads.block;
  if (block.find(AttentionPart::key) == nullptr || block.find(AttentionPart::value) == nullptr) {
    return Error(ErrorCode::unsupported,
                 cat("layer ", layer.layer, ": 'expand-heads' needs separate keys and values"));
  }
  for (const AttentionPart part : {AttentionPart::key, AttentionPart::value}) {
    for (const AttentionTensor* each : {block.find(part), block.find_bias(part)}) {
      Status status = expand_part(model, each, layer.kv_heads, layer.heads / layer.kv_heads);
      if (!status) return status;
    }
  }
  return {};
}

}  // namespace

Status expand_heads(Model& model, const Arguments&) {
  auto layers = heads_of(model, "expand-heads");
  if (!layers) return std::move(layers).error();
  uint64_t heads = 0;
  for (const LayerHeads& each : *layers) {
    if (each.layer.heads == each.layer.kv_heads) {
      return Error(ErrorCode::unsupported, cat("layer ", each.layer.layer,
                                               ": each query head has a key/value head already"));
    }
    heads = each.layer.heads;
    auto freedom = head_freedom(model, each, "expand-heads");
    if (!freedom) return std::move(freedom).error();
    if (Status status = expand_layer(model, each); !status) return status;
  }
  return model.edit_config([heads](JsonTree& config) {
    if (config.find("num_key_value_heads")) {
      config.set("num_key_value_heads", JsonTree::number(heads));
    }
  });
}

}  // namespace wmk::lab
