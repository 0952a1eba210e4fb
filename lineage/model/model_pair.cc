#include "lineage/model/model_pair.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "base/transpose.h"
#include "checkpoint/layout/unit_block.h"
#include "stats/vectors.h"

namespace wmk::lineage {

Result<std::vector<float>> load_view(const checkpoint::Checkpoint& checkpoint,
                                     const checkpoint::View& view, size_t width, uint64_t first,
                                     uint64_t count) {
  checkpoint::RawBlock block;
  auto status = block.read(checkpoint, view, width, first, count);
  if (!status) return std::move(status).error();
  std::vector<float> rows(count * width);
  block.widen_panel(0, count, rows);
  return block.unit_major() ? rows : transposed(rows, width, count);
}

Result<std::vector<float>> load_vectors(const VectorSource& source, uint64_t first,
                                        uint64_t count) {
  const size_t width = source.side->width();
  auto loaded = load_view(*source.side->checkpoint, source.view, width, first, count);
  if (!loaded) return loaded;
  auto& rows = *loaded;
  if (source.gain && source.gain->size() == width) {
    for (size_t i = 0; i < count; ++i) {
      stats::multiply(source.gain->data(), width, &rows[i * width]);
    }
  }
  if (!source.gauge || source.gauge->kind == GaugeKind::identity) return loaded;
  std::vector<float> mapped(count * source.gauge->to);
  source.gauge->apply(rows, count, mapped);
  return mapped;
}

Status find_attention(Side& side) {
  auto attention = checkpoint::find_attention(*side.checkpoint, *side.anatomy, *side.config);
  if (!attention) return std::move(attention).error();
  side.attention = *std::move(attention);
  return {};
}

const checkpoint::AttentionLayer* attention_layer(const Side& side, uint64_t number) {
  for (const auto& layer : side.attention.layers) {
    if (layer.layer == number) return &layer;
  }
  return nullptr;
}

std::string why_no_attention(const Pair& pair) {
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

std::vector<uint64_t> layers_with_units(const checkpoint::Anatomy& anatomy) {
  std::vector<uint64_t> out;
  for (const checkpoint::UnitGroup& group : anatomy.groups) {
    if (out.empty() || out.back() != group.layer) out.push_back(group.layer);
  }
  return out;
}

std::mt19937_64 random_for(uint64_t seed, std::string_view purpose) {
  std::vector<uint32_t> words = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  for (const char letter : purpose) words.push_back(static_cast<unsigned char>(letter));
  std::seed_seq sequence(words.begin(), words.end());
  return std::mt19937_64(sequence);
}

std::vector<size_t> sampled_coordinates(size_t width, size_t count, uint64_t seed,
                                        std::string_view purpose) {
  std::vector<size_t> out(width);
  std::iota(out.begin(), out.end(), size_t{0});
  if (width <= count) return out;
  auto random = random_for(seed, cat(purpose, "/coordinates"));
  for (size_t i = 0; i < count; ++i) std::swap(out[i], out[i + below(random, width - i)]);
  out.resize(count);
  std::sort(out.begin(), out.end());
  return out;
}

double cosine(const float* a, const float* b, size_t count) {
  const double aa = stats::sum_of_squares(a, count), bb = stats::sum_of_squares(b, count);
  return aa > 0 && bb > 0 ? stats::dot(a, b, count) / std::sqrt(aa * bb) : 0;
}

}  // namespace wmk::lineage
