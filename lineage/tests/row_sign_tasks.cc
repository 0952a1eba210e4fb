#include "lineage/tests/row_sign_tasks.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.h"
#include "lineage/model/sampling.h"
#include "lineage/model/vector_source.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;
using checkpoint::UnitGroup;

// Limits on the numbers read from either model (half of it in a fitted basis) and, because a
// rotation costs width^2 for every vector, on operations. Beyond them only every n-th task is run.
constexpr double kNumbersMax = 5e8, kRotationWorkMax = 4e11;
constexpr uint64_t kNeuronsATime = 256;

void add_attention(const ModelPair& pair, const LayerPair& layers, uint64_t copied,
                   const HeadOrder& found, RowSignTasks& tasks) {
  const AttentionLayer* b = attention_layer(pair.suspect, layers.suspect);
  const AttentionLayer* a = attention_layer(pair.reference, layers.reference);
  if (!a || !b) return;
  const auto& form = pair.reference.attention;
  const bool moved = found.query.size() == form.heads && found.key_value.size() == form.kv_heads;
  tasks.moved += moved;
  const HeadOrder* order = moved ? &found : nullptr;
  for (uint64_t head = 0; head < form.kv_heads; ++head) {
    tasks.all.push_back({b, a, head, nullptr, nullptr, 0, 0, order, copied});
  }
  tasks.vectors += static_cast<double>(2 * (form.heads + form.kv_heads) * form.head_size);
}

// Only dense layers of equal size: neurons of experts have their own test.
bool add_neurons(const ModelPair& pair, const LayerPair& layers, uint64_t copied,
                 RowSignTasks& tasks) {
  const auto of_b = groups_of_layer(*pair.suspect.anatomy, layers.suspect);
  const auto of_a = groups_of_layer(*pair.reference.anatomy, layers.reference);
  if (of_a.size() != 1 || of_b.size() != 1) return false;
  const UnitGroup& b = pair.suspect.anatomy->groups[of_b[0]];
  const UnitGroup& a = pair.reference.anatomy->groups[of_a[0]];
  if (!a.gate || !b.gate || a.units != b.units) return false;
  for (uint64_t first = 0; first < a.units; first += kNeuronsATime) {
    const uint64_t count = std::min(kNeuronsATime, a.units - first);
    tasks.all.push_back({nullptr, nullptr, 0, &b, &a, first, count, nullptr, copied});
  }
  tasks.vectors += 2.0 * static_cast<double>(a.units);
  return true;
}

std::string thin_out(const ModelPair& pair, const Basis& basis, RowSignTasks& tasks) {
  const auto from = static_cast<double>(basis.from);
  const bool own = basis.kind == BasisKind::identity;
  double excess = tasks.vectors * from / (own ? kNumbersMax : kNumbersMax / 2);
  if (basis.has_matrix()) {
    excess = std::max(excess,
                      tasks.vectors * 2 * from * static_cast<double>(basis.to) / kRotationWorkMax);
  }
  if (excess <= 1) return {};
  const auto step = static_cast<size_t>(std::ceil(excess));
  if (is_behind_network(pair.suspect) || is_behind_network(pair.reference)) {
    return keep_layers(step, tasks);
  }
  auto random = random_for(pair.seed, "row signs");
  std::vector<RowSignTask> kept;
  for (size_t i = below(random, step); i < tasks.all.size(); i += step) {
    kept.push_back(tasks.all[i]);
  }
  tasks.all = std::move(kept);
  return cat("every ", step, "th head and block of neurons, seed ", pair.seed);
}

}  // namespace

std::string keep_layers(size_t step, RowSignTasks& tasks) {
  const auto& ends = tasks.layer_ends;
  const size_t most = std::bit_ceil((ends.size() + step - 1) / step);
  if (most >= ends.size()) return {};
  std::vector<RowSignTask> kept;
  for (const size_t i : evenly(ends.size(), most)) {
    for (size_t t = i == 0 ? 0 : ends[i - 1]; t < ends[i]; ++t) kept.push_back(tasks.all[t]);
  }
  tasks.all = std::move(kept);
  return cat("every head and neuron of ", most, " of ", ends.size(), " layers");
}

Result<RowSignTasks> row_sign_tasks(const ModelPair& pair, const Basis& basis,
                                    const std::vector<LayerPair>& layers,
                                    const LayerClusters* copies) {
  RowSignTasks out;
  out.attention_missing = why_no_attention(pair);
  out.up_down_missing = "there are no two dense gated layers of equal size";
  if (out.attention_missing.empty()) {
    auto orders = head_orders(pair, basis, layers);
    if (!orders) return std::move(orders).error();
    out.orders = *std::move(orders);
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    const LayerPair& both = layers[i];
    const uint64_t copied = copies ? copies->of(both.reference) : both.reference;
    if (out.attention_missing.empty()) add_attention(pair, both, copied, out.orders[i], out);
    if (add_neurons(pair, both, copied, out)) out.up_down_missing.clear();
    out.layer_ends.push_back(out.all.size());
  }
  out.sampled = thin_out(pair, basis, out);
  return out;
}

}  // namespace wmk::lineage
