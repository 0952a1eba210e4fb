#include "checkpoint/attention/query_views.h"

#include <algorithm>

#include "checkpoint/attention/attention_blocks.h"

namespace wmk::checkpoint {

namespace {

std::optional<AttentionMatrix> matrix_of(const Checkpoint& checkpoint, const AttentionTensor* part,
                                         uint64_t width) {
  if (part == nullptr) return std::nullopt;
  auto matrix = attention_matrix(checkpoint.tensors(), *part);
  if (!matrix || matrix->coordinates != width) return std::nullopt;
  return *std::move(matrix);
}

// Queries and keys in front of the values (specs/heads.md 2).
std::optional<QueryViews> fused_views(const AttentionMatrix& all, const AttentionTensor& part,
                                      const HeadLayer& layer) {
  const uint64_t size = layer.value_size, stride = all.view.unit_stride;
  const uint64_t queries = layer.heads * size, keys = layer.kv_heads * size;
  QueryViews out{all.view, all.view, size};
  if (part.by_group) {
    const uint64_t group = layer.heads / layer.kv_heads * size;
    out.q.run = group;
    out.k.run = size;
    out.q.run_stride = out.k.run_stride = (group + 2 * size) * stride;
    out.k.first = group * stride;
    return all.vectors == queries + 2 * keys ? std::optional(out) : std::nullopt;
  }
  out.q.first = part.gate_first ? queries * stride : 0;
  out.k.first = out.q.first + queries * stride;
  const uint64_t vectors = (part.gate_first ? 2 : 1) * queries + 2 * keys;
  return all.vectors == vectors ? std::optional(out) : std::nullopt;
}

std::optional<QueryViews> views_of(const Checkpoint& checkpoint, const AttentionBlock& block,
                                   const HeadLayer& layer, uint64_t width) {
  if (layer.latent) return std::nullopt;
  const auto q = matrix_of(checkpoint, block.find(AttentionPart::query), width);
  const auto k = matrix_of(checkpoint, block.find(AttentionPart::key), width);
  if (q && k) {
    const uint64_t size = q->vectors / layer.heads;
    if (size == 0 || q->vectors != layer.heads * size || k->vectors != layer.kv_heads * size) {
      return std::nullopt;
    }
    return QueryViews{q->view, k->view, size};
  }
  const AttentionTensor* fused = block.find(AttentionPart::qkv);
  const auto all = matrix_of(checkpoint, fused, width);
  return all ? fused_views(*all, *fused, layer) : std::nullopt;
}

}  // namespace

std::vector<std::optional<QueryViews>> query_views(const Checkpoint& checkpoint,
                                                   const Anatomy& anatomy) {
  const auto blocks = attention_blocks(checkpoint.tensors(), anatomy);
  std::vector<std::optional<QueryViews>> out;
  for (const HeadLayer& layer : anatomy.heads.layers) {
    const auto is_its = [&](const AttentionBlock& block) {
      return block.layer == layer.layer && block.place == layer.place;
    };
    const auto block = std::find_if(blocks.begin(), blocks.end(), is_its);
    out.push_back(block == blocks.end() ? std::nullopt
                                        : views_of(checkpoint, *block, layer, anatomy.width));
  }
  return out;
}

}  // namespace wmk::checkpoint
