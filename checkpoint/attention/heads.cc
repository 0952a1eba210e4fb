#include "checkpoint/attention/heads.h"

#include "checkpoint/layout/attention.h"

namespace wmk::checkpoint {

Result<Heads> find_heads(const Checkpoint& checkpoint, const Anatomy& anatomy,
                         const Config& config) {
  auto attention = find_attention(checkpoint, anatomy, config);
  if (!attention) return std::move(attention).error();
  Heads out;
  out.missing = attention->missing;
  for (AttentionLayer& each : attention->layers) {
    HeadLayer layer{
        each.layer, attention->heads, attention->kv_heads, attention->head_size, each.v, each.o, {},
        {}};
    if (!each.norm_weight.empty()) {
      layer.in_norm = out.norm_weights.size();
      out.norm_weights.push_back(std::move(each.norm_weight));
    }
    out.layers.push_back(layer);
  }
  return out;
}

}  // namespace wmk::checkpoint
