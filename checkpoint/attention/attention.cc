#include "checkpoint/attention/attention.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "checkpoint/attention/attention_blocks.h"
#include "checkpoint/attention/attention_norm.h"
#include "checkpoint/attention/head_sizes.h"

namespace wmk::checkpoint {
namespace {

// Architectures whose q and k rows are interleaved by the conversion to GGUF.
constexpr std::array<std::string_view, 11> kInterleavedInGguf = {
    "llama",   "deci",     "granite", "granitemoe", "minicpm",  "mistral3",
    "smollm3", "baichuan", "xverse",  "arcee",      "internlm2"};

// Vectors of q and o, of k and v.
struct AttentionSizes {
  uint64_t width, queries, keys;
};

// The matrix of a part whose vectors have the width of the residual stream; none: it has none.
std::optional<AttentionMatrix> matrix_of(const std::vector<Tensor>& tensors,
                                         const AttentionBlock& block, AttentionPart part,
                                         uint64_t width) {
  const AttentionTensor* tensor = block.find(part);
  if (tensor == nullptr || tensor->by_group || tensor->gate_first || tensor->quarters ||
      tensor->stacked) {
    return std::nullopt;
  }
  auto matrix = attention_matrix(tensors, *tensor);
  if (!matrix || matrix->coordinates != width) return std::nullopt;
  return *matrix;
}

// Of one layer; none if it has another form.
std::optional<AttentionSizes> sizes_of(const std::vector<Tensor>& tensors,
                                       const AttentionBlock& block, uint64_t width) {
  const auto o = matrix_of(tensors, block, AttentionPart::out, width);
  if (!o) return std::nullopt;
  if (const auto fused = matrix_of(tensors, block, AttentionPart::qkv, width)) {
    if (fused->vectors <= o->vectors) return std::nullopt;
    return AttentionSizes{width, o->vectors, (fused->vectors - o->vectors) / 2};
  }
  const auto k = matrix_of(tensors, block, AttentionPart::key, width);
  if (!k) return std::nullopt;
  return AttentionSizes{width, o->vectors, k->vectors};
}

std::optional<AttentionLayer> views_of(const std::vector<Tensor>& tensors,
                                       const AttentionBlock& block, const AttentionSizes& sizes) {
  const auto [width, queries, keys] = sizes;
  AttentionLayer out;
  out.layer = block.layer;
  const auto take = [&, width = width](AttentionPart part, uint64_t vectors, View& view) {
    const auto matrix = matrix_of(tensors, block, part, width);
    if (!matrix || matrix->vectors != vectors) return false;
    view = matrix->view;
    return true;
  };
  if (!take(AttentionPart::out, queries, out.o)) return std::nullopt;
  if (take(AttentionPart::qkv, queries + 2 * keys, out.q)) {
    out.k = out.v = out.q;
    out.k.first = queries * out.q.unit_stride;
    out.v.first = (queries + keys) * out.q.unit_stride;
    return out;
  }
  if (!take(AttentionPart::query, queries, out.q) || !take(AttentionPart::key, keys, out.k) ||
      !take(AttentionPart::value, keys, out.v)) {
    return std::nullopt;
  }
  return out;
}

Status read_norm(const Checkpoint& checkpoint, const AttentionBlock& block, uint64_t width,
                 AttentionLayer& to) {
  const AttentionTensor* norm = block.find(AttentionPart::norm);
  if (norm == nullptr) return {};
  auto weight = read_attention_norm(checkpoint, *norm, width);
  if (!weight) return std::move(weight).error();
  to.norm_weight = *std::move(weight);
  return {};
}

Status read_biases(const Checkpoint& checkpoint, const AttentionBlock& block,
                   const AttentionSizes& sizes, AttentionLayer& to) {
  const uint64_t queries = sizes.queries, keys = sizes.keys;
  if (const auto* fused = block.find_bias(AttentionPart::qkv)) {
    auto all = read_attention_vector(checkpoint, fused->tensor, queries + 2 * keys);
    if (!all) return std::move(all).error();
    if (all->empty()) return {};
    const float* at = all->data();
    to.q_bias.assign(at, at + queries);
    to.k_bias.assign(at + queries, at + queries + keys);
    to.v_bias.assign(at + queries + keys, at + all->size());
    return {};
  }
  using Wanted = std::tuple<AttentionPart, uint64_t, std::vector<float>*>;
  for (const auto& [part, size, bias] : {Wanted{AttentionPart::query, queries, &to.q_bias},
                                         Wanted{AttentionPart::key, keys, &to.k_bias},
                                         Wanted{AttentionPart::value, keys, &to.v_bias}}) {
    const AttentionTensor* tensor = block.find_bias(part);
    if (tensor == nullptr) continue;
    auto values = read_attention_vector(checkpoint, tensor->tensor, size);
    if (!values) return std::move(values).error();
    *bias = *std::move(values);
  }
  return {};
}

bool is_interleaved(const Anatomy& anatomy, const Config& config) {
  return anatomy.family == "llama_pth" ||
         (anatomy.family.starts_with("gguf") &&
          std::find(kInterleavedInGguf.begin(), kInterleavedInGguf.end(), config.model_type) !=
              kInterleavedInGguf.end());
}

}  // namespace

Result<Attention> find_attention(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                 const Config& config) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  Attention out;
  std::optional<AttentionSizes> sizes;  // of the first layer that has a known form
  for (const AttentionBlock& block : attention_blocks(tensors, anatomy)) {
    if (!block.place.empty()) continue;
    if (!sizes) {
      sizes = sizes_of(tensors, block, anatomy.width);
      if (!sizes) continue;
      const auto heads = head_sizes(config, anatomy.width, sizes->queries, sizes->keys);
      if (!heads) break;
      std::tie(out.heads, out.kv_heads, out.head_size) =
          std::tuple(heads->heads, heads->kv_heads, heads->head_size);
    }
    auto layer = views_of(tensors, block, *sizes);
    if (!layer) continue;
    Status status = read_norm(checkpoint, block, sizes->width, *layer);
    if (status) status = read_biases(checkpoint, block, *sizes, *layer);
    if (!status) return std::move(status).error();
    out.layers.push_back(std::move(*layer));
  }
  out.interleaved = is_interleaved(anatomy, config);
  if (out.layers.empty()) out.missing = "no layer has q, k, v and o in a known form";
  return out;
}

}  // namespace wmk::checkpoint
