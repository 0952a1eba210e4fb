#include "lineage/tests/row_signs.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/progress_stage.h"
#include "lineage/model/sampling.h"
#include "lineage/tests/head_signs.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;
using checkpoint::UnitGroup;

// Limits on the numbers read from either model (half of it in a fitted basis) and, because a
// rotation costs width^2 for every vector, on operations. Beyond them only every n-th task is run.
constexpr double kNumbersMax = 5e8, kRotationWorkMax = 4e11;
constexpr uint64_t kNeuronsATime = 256;

// One key/value head, or some neurons.
struct Task {
  const AttentionLayer* suspect = nullptr;
  const AttentionLayer* reference = nullptr;
  uint64_t head = 0;
  const UnitGroup* suspect_neurons = nullptr;
  const UnitGroup* reference_neurons = nullptr;
  uint64_t first = 0, count = 0;
};

Status add_neuron_signs(const ModelPair& pair, const Basis& basis, const Task& task, RowSigns& to) {
  const UnitGroup &b = *task.suspect_neurons, &a = *task.reference_neurons;
  RowCosines found(task.count);
  for (const bool up : {true, false}) {
    const auto* norm_b = norm_weight_of(pair.suspect, up ? b.in_norm : b.out_norm);
    const auto* norm_a = norm_weight_of(pair.reference, up ? a.in_norm : a.out_norm);
    auto rows_a = load_vectors({&pair.reference, up ? a.up : a.down, norm_a, nullptr}, task.first,
                               task.count);
    if (!rows_a) return std::move(rows_a).error();
    auto rows_b =
        load_vectors({&pair.suspect, up ? b.up : b.down, norm_b, &basis}, task.first, task.count);
    if (!rows_b) return std::move(rows_b).error();
    found.add(*rows_b, *rows_a, pair.reference.width());
  }
  add_terms(found, to);
  return {};
}

struct Tasks {
  std::vector<Task> all;
  double vectors = 0;
};

void add_attention(const ModelPair& pair, const LayerPair& layers, Tasks& tasks) {
  const AttentionLayer* b = attention_layer(pair.suspect, layers.suspect);
  const AttentionLayer* a = attention_layer(pair.reference, layers.reference);
  if (!a || !b) return;
  const auto& form = pair.reference.attention;
  for (uint64_t head = 0; head < form.kv_heads; ++head) {
    tasks.all.push_back({b, a, head, nullptr, nullptr, 0, 0});
  }
  tasks.vectors += static_cast<double>(2 * (form.heads + form.kv_heads) * form.head_size);
}

// Only dense layers of equal size: neurons of experts have their own test.
bool add_neurons(const ModelPair& pair, const LayerPair& layers, Tasks& tasks) {
  const auto of_b = groups_of_layer(*pair.suspect.anatomy, layers.suspect);
  const auto of_a = groups_of_layer(*pair.reference.anatomy, layers.reference);
  if (of_a.size() != 1 || of_b.size() != 1) return false;
  const UnitGroup& b = pair.suspect.anatomy->groups[of_b[0]];
  const UnitGroup& a = pair.reference.anatomy->groups[of_a[0]];
  if (!a.gate || !b.gate || a.units != b.units) return false;
  for (uint64_t first = 0; first < a.units; first += kNeuronsATime) {
    const uint64_t count = std::min(kNeuronsATime, a.units - first);
    tasks.all.push_back({nullptr, nullptr, 0, &b, &a, first, count});
  }
  tasks.vectors += 2.0 * static_cast<double>(a.units);
  return true;
}

std::string thin_out(const Basis& basis, uint64_t seed, Tasks& tasks) {
  const auto from = static_cast<double>(basis.from);
  const bool own = basis.kind == BasisKind::identity;
  double excess = tasks.vectors * from / (own ? kNumbersMax : kNumbersMax / 2);
  if (basis.kind == BasisKind::rotation) {
    excess = std::max(excess,
                      tasks.vectors * 2 * from * static_cast<double>(basis.to) / kRotationWorkMax);
  }
  if (excess <= 1) return {};
  const auto step = static_cast<size_t>(std::ceil(excess));
  auto random = random_for(seed, "row signs");
  std::vector<Task> kept;
  for (size_t i = below(random, step); i < tasks.all.size(); i += step) {
    kept.push_back(tasks.all[i]);
  }
  tasks.all = std::move(kept);
  return cat("every ", step, "th head and block of neurons, seed ", seed);
}

struct TaskSigns {
  HeadSigns heads;
  RowSigns up_down;
};

}  // namespace

void add_terms(const RowCosines& found, RowSigns& to) {
  for (size_t i = 0; i < found.x.size(); ++i) {
    to.sum.add(found.x[i]);
    if (found.x.size() > 1) to.shifted.add(found.shifted[i]);
  }
}

Result<RowSignsFound> row_signs(const ModelPair& pair, const Basis& basis,
                                const std::vector<LayerPair>& layers) {
  RowSignsFound out;
  out.attention_missing = why_no_attention(pair);
  out.up_down_missing = "there are no two dense gated layers of equal size";
  Tasks tasks;
  for (const LayerPair& both : layers) {
    if (out.attention_missing.empty()) add_attention(pair, both, tasks);
    if (add_neurons(pair, both, tasks)) out.up_down_missing.clear();
  }
  out.sampled = thin_out(basis, pair.seed, tasks);
  std::vector<TaskSigns> parts(tasks.all.size());
  const double weights = 2 * tasks.vectors * static_cast<double>(pair.reference.width());
  ProgressStage stage(pair, "signs of rows", weights, tasks.all.size());
  auto status = parallel_for(tasks.all.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const Task& task = tasks.all[i];
    stage.advance();
    if (!task.suspect) return add_neuron_signs(pair, basis, task, parts[i].up_down);
    return add_head(pair, basis, *task.suspect, *task.reference, task.head, parts[i].heads);
  });
  if (!status) return std::move(status).error();
  std::array<RowSigns, kPairOrdersMax> query_key;
  for (const TaskSigns& part : parts) {
    out.value_output.merge(part.heads.value_output);
    for (size_t i = 0; i < query_key.size(); ++i) query_key[i].merge(part.heads.query_key[i]);
    out.up_down.merge(part.up_down);
  }
  const size_t orders = pair_orders(pair).size();
  for (size_t i = 0; i < orders; ++i) {
    if (i == 0 || query_key[i].sum.z() > out.query_key.sum.z()) out.query_key = query_key[i];
  }
  out.pair_orders = static_cast<double>(orders);
  return out;
}

}  // namespace wmk::lineage
