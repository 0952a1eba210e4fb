#include "checkpoint/attention/attention_blocks.h"

#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

const AttentionTensor* find_in(const std::map<AttentionPart, AttentionTensor>& parts,
                               AttentionPart part) {
  const auto at = parts.find(part);
  return at == parts.end() ? nullptr : &at->second;
}

void add_part(const std::vector<Tensor>& tensors, const AttentionTensor& part, AttentionBlock& to) {
  auto& parts = part.is_bias ? to.biases : to.weights;
  const auto [at, is_new] = parts.emplace(part.part, part);
  if (is_new) return;
  AttentionTensor& other = at->second;
  if (other.is_shared != part.is_shared) {
    if (other.is_shared) other = part;
  } else if (!part.is_bias) {
    to.fault = cat("tensors '", escaped(tensors[other.tensor].name), "' and '",
                   escaped(tensors[part.tensor].name), "' are the same part of attention");
  }
}

}  // namespace

const AttentionTensor* AttentionBlock::find(AttentionPart part) const {
  return find_in(weights, part);
}

const AttentionTensor* AttentionBlock::find_bias(AttentionPart part) const {
  return find_in(biases, part);
}

bool AttentionBlock::has_matrix() const {
  return !weights.empty() && !is_attention_norm(weights.begin()->first);
}

std::vector<AttentionBlock> attention_blocks(const std::vector<Tensor>& tensors,
                                             const Anatomy& anatomy) {
  std::map<std::pair<uint64_t, std::string_view>, AttentionBlock> blocks;
  for (const AttentionTensor& part : anatomy.attention) {
    AttentionBlock& block = blocks[{part.layer, part.place}];
    block.layer = part.layer;
    block.place = part.place;
    add_part(tensors, part, block);
  }
  std::vector<AttentionBlock> out;
  for (auto& [place, block] : blocks) {
    if (block.has_matrix()) out.push_back(std::move(block));
  }
  return out;
}

Result<AttentionMatrix> attention_matrix(const std::vector<Tensor>& tensors,
                                         const AttentionTensor& part) {
  const Tensor& tensor = tensors[part.tensor];
  const std::vector<uint64_t>& shape = tensor.shape;
  if (!tensor.encoding && !has_float_value(tensor.dtype)) {
    return Error(ErrorCode::unsupported, cat("tensor '", escaped(tensor.name), "': values of type ",
                                             to_string(tensor.dtype), " are not read"));
  }
  if (shape.size() < 2 || tensor.elements() == 0) {
    return malformed(cat("tensor '", escaped(tensor.name), "': shape ", shape_text(shape),
                         " is not a matrix of attention"));
  }
  if (part.stacked && part.part == AttentionPart::out && shape.size() == 3) {
    const View view{part.tensor, 0, 1, shape[2], shape[2], shape[1] * shape[2]};
    return AttentionMatrix{shape[0] * shape[2], shape[1], view};
  }
  const bool rows = (part.part == AttentionPart::out) == part.transposed;
  AttentionMatrix out;
  out.coordinates = rows ? shape.back() : shape.front();
  out.vectors = tensor.elements() / out.coordinates;
  out.view = rows ? View{part.tensor, 0, out.coordinates, 1} : View{part.tensor, 0, 1, out.vectors};
  return out;
}

}  // namespace wmk::checkpoint
