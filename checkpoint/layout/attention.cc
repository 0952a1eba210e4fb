#include "checkpoint/layout/attention.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/text.h"
#include "checkpoint/layout/layout.h"
#include "checkpoint/naming/name_table.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {
namespace {

enum class AttentionPart { q, k, v, qkv, o, norm };

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

// Architectures whose q and k rows are interleaved by the conversion to GGUF.
constexpr std::array<std::string_view, 11> kInterleavedInGguf = {
    "llama",   "deci",     "granite", "granitemoe", "minicpm",  "mistral3",
    "smollm3", "baichuan", "xverse",  "arcee",      "internlm2"};

using Parts = std::map<AttentionPart, size_t>;
struct LayerTensors {
  Parts matrices, biases;  // norm weights are among the matrices
  Parts& of(bool is_bias) { return is_bias ? biases : matrices; }
};

std::map<uint64_t, LayerTensors> attention_tensors(const std::vector<Tensor>& tensors,
                                                   const std::vector<size_t>& duplicates) {
  std::map<uint64_t, LayerTensors> layers;
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

struct AttentionSizes {
  uint64_t width, q_rows, kv_rows;
};

std::optional<AttentionSizes> sizes_of(const Config& config, uint64_t width, Attention& out) {
  out.heads = config.heads.value_or(0);
  out.kv_heads = config.kv_heads.value_or(out.heads);
  if (out.heads == 0 || out.kv_heads == 0 || out.heads % out.kv_heads != 0) return std::nullopt;
  out.head_size = config.head_size.value_or(width / out.heads);
  if (out.head_size == 0 || out.head_size % 2 != 0) return std::nullopt;
  if (out.heads > kWidthMax || out.head_size > kWidthMax) return std::nullopt;
  return AttentionSizes{width, out.heads * out.head_size, out.kv_heads * out.head_size};
}

bool is_matrix(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return tensor.shape == std::vector<uint64_t>{rows, columns} &&
         (tensor.encoding || has_float_value(tensor.dtype));
}

std::optional<AttentionLayer> views_of(const std::vector<Tensor>& tensors, uint64_t number,
                                       const Parts& found, const AttentionSizes& sizes) {
  const auto [width, q_rows, kv_rows] = sizes;
  const auto rows_from = [&](size_t tensor, uint64_t first) {
    return View{tensor, first * width, width, 1};
  };
  AttentionLayer out;
  out.layer = number;
  const auto o = found.find(AttentionPart::o);
  if (o == found.end() || !is_matrix(tensors[o->second], width, q_rows)) return std::nullopt;
  out.o = {o->second, 0, 1, q_rows};
  if (const auto fused = found.find(AttentionPart::qkv); fused != found.end()) {
    if (!is_matrix(tensors[fused->second], q_rows + 2 * kv_rows, width)) return std::nullopt;
    out.q = rows_from(fused->second, 0);
    out.k = rows_from(fused->second, q_rows);
    out.v = rows_from(fused->second, q_rows + kv_rows);
    return out;
  }
  const std::tuple<AttentionPart, uint64_t, View*> parts[] = {{AttentionPart::q, q_rows, &out.q},
                                                              {AttentionPart::k, kv_rows, &out.k},
                                                              {AttentionPart::v, kv_rows, &out.v}};
  for (const auto& [part, rows, view] : parts) {
    const auto at = found.find(part);
    if (at == found.end() || !is_matrix(tensors[at->second], rows, width)) return std::nullopt;
    *view = rows_from(at->second, 0);
  }
  return out;
}

// The values of one vector; empty if it has another size or type.
Result<std::vector<float>> read_vector(const Checkpoint& checkpoint, size_t index, uint64_t size) {
  const Tensor& tensor = checkpoint.tensors()[index];
  std::vector<float> out;
  if (tensor.elements() != size || !(tensor.encoding || has_float_value(tensor.dtype))) return out;
  Bytes raw(tensor.bytes);
  if (auto status = checkpoint.read(tensor, 0, raw); !status) return std::move(status).error();
  out.resize(size);
  widen(tensor.dtype, raw, out);
  return out;
}

Status read_norm(const Checkpoint& checkpoint, const Parts& found, uint64_t width, bool one_plus,
                 AttentionLayer& to) {
  const auto norm = found.find(AttentionPart::norm);
  if (norm == found.end()) return {};
  auto weight = read_vector(checkpoint, norm->second, width);
  if (!weight) return std::move(weight).error();
  to.norm_weight = *std::move(weight);
  for (float& value : to.norm_weight) value += one_plus ? 1.0f : 0.0f;
  return {};
}

Status read_biases(const Checkpoint& checkpoint, const Parts& found, const AttentionSizes& sizes,
                   AttentionLayer& to) {
  const uint64_t q_rows = sizes.q_rows, kv_rows = sizes.kv_rows;
  if (const auto fused = found.find(AttentionPart::qkv); fused != found.end()) {
    auto all = read_vector(checkpoint, fused->second, q_rows + 2 * kv_rows);
    if (!all) return std::move(all).error();
    if (all->empty()) return {};
    const float* at = all->data();
    to.q_bias.assign(at, at + q_rows);
    to.k_bias.assign(at + q_rows, at + q_rows + kv_rows);
    to.v_bias.assign(at + q_rows + kv_rows, at + all->size());
    return {};
  }
  using Wanted = std::tuple<AttentionPart, uint64_t, std::vector<float>*>;
  for (const auto& [part, size, bias] :
       {Wanted{AttentionPart::q, q_rows, &to.q_bias}, Wanted{AttentionPart::k, kv_rows, &to.k_bias},
        Wanted{AttentionPart::v, kv_rows, &to.v_bias}}) {
    const auto at = found.find(part);
    if (at == found.end()) continue;
    auto values = read_vector(checkpoint, at->second, size);
    if (!values) return std::move(values).error();
    *bias = *std::move(values);
  }
  return {};
}

}  // namespace

Result<Attention> find_attention(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                 const Config& config) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  const auto found = attention_tensors(tensors, anatomy.duplicates);
  Attention out;
  const auto sizes = sizes_of(config, anatomy.width, out);
  if (!sizes) {
    out.missing = "config.json does not give the number of attention heads";
    return out;
  }
  const bool is_gguf = anatomy.family.starts_with("gguf");
  const bool one_plus =
      !is_gguf && anatomy.family.find("gemma") != std::string::npos && anatomy.family != "gemma3n";
  out.interleaved = anatomy.family == "llama_pth" ||
                    (is_gguf && std::find(kInterleavedInGguf.begin(), kInterleavedInGguf.end(),
                                          config.model_type) != kInterleavedInGguf.end());
  for (const auto& [number, parts] : found) {
    auto layer = views_of(tensors, number, parts.matrices, *sizes);
    if (!layer) continue;
    if (auto status = read_norm(checkpoint, parts.matrices, sizes->width, one_plus, *layer);
        !status) {
      return std::move(status).error();
    }
    if (auto status = read_biases(checkpoint, parts.biases, *sizes, *layer); !status) {
      return std::move(status).error();
    }
    out.layers.push_back(std::move(*layer));
  }
  if (out.layers.empty()) out.missing = "no layer has q, k, v and o in a known form";
  return out;
}

}  // namespace wmk::checkpoint
