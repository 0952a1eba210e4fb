#include "checkpoint/layout/attention.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "checkpoint/layout/attention_tensors.h"
#include "checkpoint/layout/head_sizes.h"
#include "checkpoint/layout/layout.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {
namespace {

// Architectures whose q and k rows are interleaved by the conversion to GGUF.
constexpr std::array<std::string_view, 11> kInterleavedInGguf = {
    "llama",   "deci",     "granite", "granitemoe", "minicpm",  "mistral3",
    "smollm3", "baichuan", "xverse",  "arcee",      "internlm2"};

struct AttentionSizes {
  uint64_t width, q_rows, kv_rows;
};

// Rows of q and of k in one layer.
std::optional<std::pair<uint64_t, uint64_t>> rows_of(const std::vector<Tensor>& tensors,
                                                     const AttentionParts& found, uint64_t width) {
  const auto size = [&](AttentionPart part, size_t axis) -> uint64_t {
    const auto at = found.find(part);
    if (at == found.end() || tensors[at->second].shape.size() != 2) return 0;
    return tensors[at->second].shape[1 - axis] == width ? tensors[at->second].shape[axis] : 0;
  };
  const uint64_t q = size(AttentionPart::o, 1), fused = size(AttentionPart::qkv, 0);
  const uint64_t k = fused > q ? (fused - q) / 2 : size(AttentionPart::k, 0);
  if (q == 0 || k == 0) return std::nullopt;
  return std::pair{q, k};
}

// Of the first layer that has o and k.
std::optional<AttentionSizes> sizes_of(const std::vector<Tensor>& tensors,
                                       const std::map<uint64_t, AttentionTensors>& layers,
                                       const Config& config, uint64_t width, Attention& out) {
  for (const auto& [number, parts] : layers) {
    const auto rows = rows_of(tensors, parts.matrices, width);
    if (!rows) continue;
    const auto sizes = head_sizes(config, width, rows->first, rows->second);
    if (!sizes) return std::nullopt;
    std::tie(out.heads, out.kv_heads, out.head_size) =
        std::tuple(sizes->heads, sizes->kv_heads, sizes->head_size);
    return AttentionSizes{width, rows->first, rows->second};
  }
  return std::nullopt;
}

bool is_matrix(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return tensor.shape == std::vector<uint64_t>{rows, columns} &&
         (tensor.encoding || has_float_value(tensor.dtype));
}

std::optional<AttentionLayer> views_of(const std::vector<Tensor>& tensors, uint64_t number,
                                       const AttentionParts& found, const AttentionSizes& sizes) {
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

Status read_norm(const Checkpoint& checkpoint, const AttentionParts& found, uint64_t width,
                 bool one_plus, AttentionLayer& to) {
  const auto norm = found.find(AttentionPart::norm);
  if (norm == found.end()) return {};
  auto weight = read_vector(checkpoint, norm->second, width);
  if (!weight) return std::move(weight).error();
  to.norm_weight = *std::move(weight);
  for (float& value : to.norm_weight) value += one_plus ? 1.0f : 0.0f;
  return {};
}

Status read_biases(const Checkpoint& checkpoint, const AttentionParts& found,
                   const AttentionSizes& sizes, AttentionLayer& to) {
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
  const auto sizes = sizes_of(tensors, found, config, anatomy.width, out);
  if (!sizes) {
    out.missing = "no layer has q, k, v and o in a known form";
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
