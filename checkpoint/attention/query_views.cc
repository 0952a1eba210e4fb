#include "checkpoint/attention/query_views.h"

#include <algorithm>

#include "checkpoint/attention/attention_blocks.h"
#include "checkpoint/attention/attention_norm.h"

namespace wmk::checkpoint {

namespace {

// Those of one layer.
class QueryReader {
 public:
  QueryReader(const Checkpoint& checkpoint, const AttentionBlock& block, const HeadLayer& layer,
              uint64_t width)
      : checkpoint_(checkpoint), block_(block), layer_(layer), width_(width) {}

  std::optional<QueryViews> read() const {
    if (layer_.latent) return latent_views();
    const auto q = matrix(AttentionPart::query, width_);
    if (!q) return fused_views();
    auto k = matrix(AttentionPart::key, width_);
    if (!k) k = matrix(AttentionPart::key_value, width_);
    if (!k) return std::nullopt;
    if (block_.find(AttentionPart::key_value) != nullptr) k->vectors /= 2;
    const uint64_t size = q->vectors / layer_.heads;
    if (size == 0 || q->vectors != layer_.heads * size || k->vectors != layer_.kv_heads * size) {
      return std::nullopt;
    }
    return QueryViews{q->view, k->view, size, size, {}, {}};
  }

 private:
  std::optional<AttentionMatrix> matrix(AttentionPart part, uint64_t coordinates) const {
    const AttentionTensor* tensor = block_.find(part);
    if (tensor == nullptr) return std::nullopt;
    auto out = attention_matrix(checkpoint_.tensors(), *tensor);
    if (!out || out->coordinates != coordinates) return std::nullopt;
    return *std::move(out);
  }

  // Queries and keys beside the values (specs/heads.md 2).
  std::optional<QueryViews> fused_views() const {
    const auto all = matrix(AttentionPart::qkv, width_);
    if (!all) return std::nullopt;
    const AttentionTensor& part = *block_.find(AttentionPart::qkv);
    const uint64_t size = layer_.value_size, stride = all->view.unit_stride;
    const uint64_t queries = layer_.heads * size, keys = layer_.kv_heads * size;
    QueryViews out{all->view, all->view, size, size, {}, {}};
    if (part.by_group || part.quarters) {
      const uint64_t group = part.quarters ? queries / 4 : layer_.heads / layer_.kv_heads * size;
      out.q.run = group;
      out.k.run = part.quarters ? group : size;
      out.q.run_stride = out.k.run_stride = (group + 2 * out.k.run) * stride;
      out.k.first = (part.quarters ? 2 : 1) * group * stride;
      return all->vectors == queries + 2 * keys ? std::optional(out) : std::nullopt;
    }
    out.q.first = part.gate_first ? queries * stride : 0;
    out.k.first = out.q.first + queries * stride;
    const uint64_t vectors = (part.gate_first ? 2 : 1) * queries + 2 * keys;
    return all->vectors == vectors ? std::optional(out) : std::nullopt;
  }

  // Keys stand before the values of each head; those with positions behind the latent, once.
  std::optional<QueryViews> latent_views() const {
    const auto down = matrix(AttentionPart::latent_down, width_);
    const auto up = matrix(AttentionPart::latent_up, layer_.latent->size);
    if (!down || !up) return std::nullopt;
    const uint64_t rows = up->vectors / layer_.heads;
    QueryViews out{up->view, up->view, 0, rows - layer_.value_size, {}, {}};
    out.k.run = out.own;
    out.k.run_stride = rows * up->view.unit_stride;
    if (const uint64_t shared = down->vectors - layer_.latent->size; shared > 0) {
      out.shared = down->view;
      out.shared->first += layer_.latent->size * down->view.unit_stride;
    }
    out.size = out.own + down->vectors - layer_.latent->size;
    return out.own > 0 && add_queries(out) ? std::optional(out) : std::nullopt;
  }

  bool add_queries(QueryViews& out) const {
    auto q = matrix(AttentionPart::query, width_);
    if (!q) {
      const AttentionTensor* up = block_.find(AttentionPart::query_up);
      const auto down = matrix(AttentionPart::query_down, width_);
      if (up == nullptr || !down) return false;
      out.latent = LatentQueries{down->view, down->vectors, {}};
      q = matrix(AttentionPart::query_up, down->vectors);
      if (const AttentionTensor* norm = block_.find(AttentionPart::query_norm)) {
        auto weight = read_attention_norm(checkpoint_, *norm, down->vectors);
        if (!weight || weight->empty()) return false;
        out.latent->norm = *std::move(weight);
      }
    }
    if (!q || q->vectors != layer_.heads * out.size) return false;
    out.q = q->view;
    return true;
  }

  const Checkpoint& checkpoint_;
  const AttentionBlock& block_;
  const HeadLayer& layer_;
  const uint64_t width_;
};

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
    out.push_back(block == blocks.end()
                      ? std::nullopt
                      : QueryReader(checkpoint, *block, layer, anatomy.width).read());
  }
  return out;
}

}  // namespace wmk::checkpoint
