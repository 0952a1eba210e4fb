#include "checkpoint/layout/attention_tensors.h"

#include <algorithm>
#include <string_view>

#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

namespace {

struct AttentionName {
  std::string_view pattern;
  AttentionPart part;
};

constexpr AttentionName kAttentionNames[] = {
    {"layers.#.self_attn.q_proj", AttentionPart::q},
    {"layers.#.self_attn.k_proj", AttentionPart::k},
    {"layers.#.self_attn.v_proj", AttentionPart::v},
    {"layers.#.self_attn.o_proj", AttentionPart::o},
    {"layers.#.self_attn.qkv_proj", AttentionPart::qkv},
    {"layers.#.self_attn.W_pack", AttentionPart::qkv},
    {"layers.#.input_layernorm", AttentionPart::norm},
    {"layers.#.attention.wq", AttentionPart::q},
    {"layers.#.attention.wk", AttentionPart::k},
    {"layers.#.attention.wv", AttentionPart::v},
    {"layers.#.attention.wo", AttentionPart::o},
    {"layers.#.attention_norm", AttentionPart::norm},
    {"blk.#.attn_q", AttentionPart::q},
    {"blk.#.attn_k", AttentionPart::k},
    {"blk.#.attn_v", AttentionPart::v},
    {"blk.#.attn_qkv", AttentionPart::qkv},
    {"blk.#.attn_output", AttentionPart::o},
    {"blk.#.attn_norm", AttentionPart::norm},
};

}  // namespace

std::map<uint64_t, AttentionTensors> attention_tensors(const std::vector<Tensor>& tensors,
                                                       const std::vector<size_t>& duplicates) {
  std::map<uint64_t, AttentionTensors> layers;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const CanonicalName name = canonical_name(tensors[i].name);
    const bool is_hidden = std::binary_search(duplicates.begin(), duplicates.end(), i);
    if (is_hidden || name.numbers.size() != 1) continue;
    for (const auto& [pattern, part] : kAttentionNames) {
      if (pattern == name.pattern) layers[name.numbers[0]].of(name.is_bias).emplace(part, i);
    }
  }
  return layers;
}

}  // namespace wmk::checkpoint
