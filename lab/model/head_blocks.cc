#include "lab/model/head_blocks.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/attention/heads.h"

namespace wmk::lab {

namespace {

using checkpoint::AttentionPart;
using checkpoint::Tensor;

Error unsupported(std::string_view what) {
  return Error(ErrorCode::unsupported, std::string(what));
}

uint64_t start_of(const View& view, uint64_t vector) {
  const uint64_t run = view.run == 0 ? vector + 1 : view.run;
  return view.first + vector / run * view.run_stride + vector % run * view.unit_stride;
}

bool is_known(const LayerHeads& heads, const Model& model, size_t tensor) {
  for (const auto* parts : {&heads.block.weights, &heads.block.biases}) {
    for (const auto& [part, each] : *parts) {
      if (each.tensor == tensor) return true;
    }
  }
  // A norm inside each head of queries or keys, and the table of positions.
  const Tensor& stored = model.checkpoint().tensors()[tensor];
  const bool is_small = stored.elements() < heads.layer.heads * heads.layer.value_size;
  const auto has = [&](std::string_view word) {
    return stored.name.find(word) != std::string::npos;
  };
  return stored.name.ends_with("inv_freq") ||
         (is_small && (has("q_norm") || has("k_norm") || has("q_layernorm") || has("k_layernorm")));
}

}  // namespace

Result<std::vector<LayerHeads>> heads_of(const Model& model, std::string_view attack) {
  auto found = checkpoint::find_heads(model.checkpoint(), model.anatomy(), model.config());
  if (!found) return std::move(found).error();
  if (!found->missing.empty()) return unsupported(cat("'", attack, "': ", found->missing));
  if (!found->skipped.empty()) {
    const auto& first = found->skipped[0];
    return unsupported(cat("'", attack, "': layer ", first.layer, ": ", first.reason));
  }
  const auto blocks = checkpoint::attention_blocks(model.checkpoint().tensors(), model.anatomy());
  std::vector<LayerHeads> out;
  for (const HeadLayer& layer : found->layers) {
    const auto is_its = [&](const AttentionBlock& block) {
      return block.layer == layer.layer && block.place == layer.place;
    };
    out.push_back({layer, *std::find_if(blocks.begin(), blocks.end(), is_its)});
  }
  return out;
}

Status check_plain_heads(const Model& model, const LayerHeads& heads, std::string_view attack) {
  const auto& tensors = model.checkpoint().tensors();
  const std::string& out = tensors[heads.layer.o.tensor].name;
  // "model.layers.3.self_attn." of "model.layers.3.self_attn.o_proj.weight"
  const size_t last = out.rfind('.', out.ends_with(".weight") ? out.size() - 8 : out.npos);
  const std::string_view module = std::string_view(out).substr(0, last + 1);
  if (heads.layer.latent) {
    return unsupported(
        cat("'", attack, "' does not support the latent of layer ", heads.layer.layer));
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].name.starts_with(module) || is_known(heads, model, i)) continue;
    return unsupported(cat("tensor '", escaped(tensors[i].name), "': '", attack,
                           "' does not know what it does to heads"));
  }
  return {};
}

Result<View> query_view(const Model& model, const LayerHeads& heads) {
  const uint64_t width = model.anatomy().width;
  const uint64_t vectors = heads.layer.heads * heads.layer.value_size;
  const auto* query = heads.block.find(AttentionPart::query);
  const auto* fused = heads.block.find(AttentionPart::qkv);
  if (query == nullptr) query = fused;
  if (query == nullptr) return unsupported(cat("layer ", heads.layer.layer, ": no query matrix"));
  auto matrix = checkpoint::attention_matrix(model.checkpoint().tensors(), *query);
  if (!matrix) return std::move(matrix).error();
  const bool is_fused = query == fused;
  if (matrix->coordinates != width || query->gate_first ||
      (!is_fused && matrix->vectors != vectors)) {
    return unsupported(cat("tensor '", escaped(model.checkpoint().tensors()[query->tensor].name),
                           "': queries of an unknown form"));
  }
  View out = matrix->view;
  if (is_fused && query->by_group) {
    out.run = heads.layer.heads / heads.layer.kv_heads * heads.layer.value_size;
    out.run_stride = heads.layer.v.run_stride;
  }
  return out;
}

View bias_view(const View& view, size_t bias_tensor) {
  return {bias_tensor, view.first / view.unit_stride,     1, 0,
          view.run,    view.run_stride / view.unit_stride};
}

Values vectors_of(const Values& tensor, const View& view, uint64_t coordinates, uint64_t first,
                  uint64_t count) {
  Values out;
  out.reserve(count * coordinates);
  for (uint64_t i = first; i < first + count; ++i) {
    const float* from = tensor.data() + start_of(view, i);
    for (uint64_t c = 0; c < coordinates; ++c) out.push_back(from[c * view.coordinate_stride]);
  }
  return out;
}

void replace_vectors(Values& tensor, const View& view, uint64_t coordinates, uint64_t first,
                     const Values& vectors) {
  const float* from = vectors.data();
  for (uint64_t i = first; i < first + vectors.size() / coordinates; ++i) {
    float* to = tensor.data() + start_of(view, i);
    for (uint64_t c = 0; c < coordinates; ++c) to[c * view.coordinate_stride] = *from++;
  }
}

}  // namespace wmk::lab
