#include "lab/model/head_blocks.h"

#include <algorithm>
#include <initializer_list>

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

bool is_part(const LayerHeads& heads, size_t tensor) {
  for (const auto* parts : {&heads.block.weights, &heads.block.biases}) {
    for (const auto& [part, each] : *parts) {
      if (each.tensor == tensor) return true;
    }
  }
  return false;
}

bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return name.find(word) != std::string_view::npos;
  });
}

// Tensors that act on queries and keys alone, or behind the outputs.
bool is_beside_values(std::string_view name) {
  return has_word(name, {"q_norm",
                         "k_norm",
                         "norm_q",
                         "norm_k",
                         "q_layernorm",
                         "k_layernorm",
                         "query_layernorm",
                         "key_layernorm",
                         "q_a_",
                         "q_b_",
                         "inv_freq",
                         "relative",
                         "indexer",
                         "sinks",
                         "output.LayerNorm",
                         "qk_norm",
                         "conv_qk",
                         "qkv_proj.q_proj",
                         "qkv_proj.k_proj",
                         "router",
                         "experts.bias"});
}

// The same for each head, so that heads may change places.
bool is_same_for_heads(const LayerHeads& heads, const Tensor& tensor) {
  const bool is_small = tensor.elements() < heads.layer.heads * heads.layer.value_size;
  return has_word(tensor.name, {"inv_freq", "output.LayerNorm"}) ||
         (is_small && has_word(tensor.name, {"q_norm", "k_norm", "norm_q", "norm_k", "q_layernorm",
                                             "k_layernorm"}));
}

uint64_t rows_of(const Model& model, const LayerHeads& heads, AttentionPart part) {
  const auto* tensor = heads.block.find(part);
  if (tensor == nullptr) return 0;
  auto matrix = checkpoint::attention_matrix(model.checkpoint().tensors(), *tensor);
  return matrix ? matrix->vectors : 0;
}

// Rows of the query matrix beside the queries: a gate between values and outputs.
bool has_query_gate(const Model& model, const LayerHeads& heads) {
  const HeadLayer& layer = heads.layer;
  uint64_t keys = rows_of(model, heads, AttentionPart::key) / layer.kv_heads;  // of one head
  if (layer.latent) {
    const uint64_t up = rows_of(model, heads, AttentionPart::latent_up) / layer.heads;
    const uint64_t down = rows_of(model, heads, AttentionPart::latent_down);
    keys = up == 0 ? 0 : up - layer.value_size + down - layer.latent->size;
  }
  const uint64_t queries =
      rows_of(model, heads, AttentionPart::query) + rows_of(model, heads, AttentionPart::query_up);
  return keys > 0 && queries > keys * layer.heads;
}

// Values pass a norm that has no weights.
bool has_hidden_norm(std::string_view family) {
  return family == "gemma3n" || family == "gemma4_moe";
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

Result<HeadFreedom> head_freedom(const Model& model, const LayerHeads& heads,
                                 std::string_view attack) {
  const auto& tensors = model.checkpoint().tensors();
  const std::string& out = tensors[heads.layer.o.tensor].name;
  // "model.layers.3.self_attn." of "model.layers.3.self_attn.o_proj.weight"
  const size_t last = out.rfind('.', out.ends_with(".weight") ? out.size() - 8 : out.npos);
  const std::string_view module = std::string_view(out).substr(0, last + 1);
  if (has_hidden_norm(model.anatomy().family)) {
    return unsupported(cat("'", attack, "' would change a model whose values pass a norm"));
  }
  if (has_query_gate(model, heads)) {
    return unsupported(cat("layer ", heads.layer.layer, ": '", attack,
                           "' would change a model whose values pass a gate"));
  }
  HeadFreedom freedom = heads.layer.latent ? HeadFreedom::values : HeadFreedom::queries;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].name.starts_with(module) || is_part(heads, i)) continue;
    if (!is_beside_values(tensors[i].name)) {
      return unsupported(cat("tensor '", escaped(tensors[i].name), "': '", attack,
                             "' does not know what it does to heads"));
    }
    if (!is_same_for_heads(heads, tensors[i])) freedom = HeadFreedom::values;
  }
  return freedom;
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
  if (is_fused && (query->by_group || query->quarters)) {
    out.run = query->quarters ? heads.layer.v.run
                              : heads.layer.heads / heads.layer.kv_heads * heads.layer.value_size;
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
