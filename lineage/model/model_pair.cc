#include "lineage/model/model_pair.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "base/transpose.h"
#include "checkpoint/layout/unit_block.h"
#include "lineage/model/vector_reader.h"

namespace wmk::lineage {

namespace {

// Vectors of a view whose vectors come in runs.
Result<std::vector<float>> load_runs(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::View& view, size_t width, uint64_t first,
                                     uint64_t count) {
  std::vector<float> out;
  const uint64_t end = first + count;
  while (first < end) {
    const uint64_t run = first / view.run, last = std::min(end, (run + 1) * view.run);
    auto part = load_view(checkpoint, view.run_number(run), width, first % view.run, last - first);
    if (!part) return part;
    out.insert(out.end(), part->begin(), part->end());
    first = last;
  }
  return out;
}

}  // namespace

Result<std::vector<float>> load_view(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::View& view, size_t width, uint64_t first,
                                     uint64_t count) {
  if (view.run != 0) return load_runs(checkpoint, view, width, first, count);
  checkpoint::RawBlock block;
  auto status = block.read(checkpoint, view, width, first, count);
  if (!status) return std::move(status).error();
  std::vector<float> rows(count * width);
  block.widen_panel(0, count, rows);
  return block.unit_major() ? rows : transposed(rows, width, count);
}

Result<std::vector<float>> load_vectors(const VectorSource& source, uint64_t first,
                                        uint64_t count) {
  VectorReader reader;
  auto rows = reader.read(source, first, count);
  if (!rows) return std::move(rows).error();
  return std::move(**rows);
}

Status find_attention(Side& side) {
  auto attention = checkpoint::find_attention(*side.checkpoint, *side.anatomy, *side.config);
  if (!attention) return std::move(attention).error();
  side.attention = *std::move(attention);
  auto heads = checkpoint::find_heads(*side.checkpoint, *side.anatomy, *side.config);
  if (!heads) return std::move(heads).error();
  side.heads = *std::move(heads);
  return {};
}

const checkpoint::AttentionLayer* attention_layer(const Side& side, uint64_t number) {
  for (const auto& layer : side.attention.layers) {
    if (layer.layer == number) return &layer;
  }
  return nullptr;
}

const checkpoint::HeadLayer* head_layer(const Side& side, uint64_t number) {
  for (const auto& layer : side.heads.layers) {
    if (layer.layer == number) return &layer;
  }
  return nullptr;
}

std::string why_no_attention(const ModelPair& pair) {
  const auto &b = pair.suspect.attention, &a = pair.reference.attention;
  if (!b.missing.empty()) return cat("suspect: ", b.missing);
  if (!a.missing.empty()) return cat("reference: ", a.missing);
  if (a.heads == b.heads && a.kv_heads == b.kv_heads && a.head_size == b.head_size) return {};
  return cat("heads differ: ", b.heads, "/", b.kv_heads, " of ", b.head_size, " against ", a.heads,
             "/", a.kv_heads, " of ", a.head_size);
}

std::vector<size_t> groups_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer) {
  std::vector<size_t> out;
  for (size_t i = 0; i < anatomy.groups.size(); ++i) {
    if (anatomy.groups[i].layer == layer) out.push_back(i);
  }
  return out;
}

std::vector<uint64_t> layers_with_neurons(const checkpoint::Anatomy& anatomy) {
  std::vector<uint64_t> out;
  for (const checkpoint::UnitGroup& group : anatomy.groups) {
    if (out.empty() || out.back() != group.layer) out.push_back(group.layer);
  }
  return out;
}

uint64_t neurons_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer) {
  uint64_t neurons = 0;
  for (const size_t g : groups_of_layer(anatomy, layer)) neurons += anatomy.groups[g].units;
  return neurons;
}

bool has_free_neuron_signs(const Side& side) {
  const std::string& type = side.config->model_type;
  return side.anatomy->family != "gpt_oss" && type != "gpt_oss" && type != "gpt-oss";
}

bool has_free_coordinate_signs(const Side& side) {
  if (side.anatomy->ones != checkpoint::Ones::kept) return false;
  // A LayerNorm without a bias has no tensor that tells.
  constexpr std::string_view kSubtractMeans[] = {"cohere", "cohere2", "dbrx", "mpt", "olmo"};
  return std::find(std::begin(kSubtractMeans), std::end(kSubtractMeans), side.config->model_type) ==
         std::end(kSubtractMeans);
}

const std::vector<float>* norm_weight_of(const Side& side, const std::optional<size_t>& index) {
  return index ? &side.anatomy->norm_weights[*index] : nullptr;
}

}  // namespace wmk::lineage
