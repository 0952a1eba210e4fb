#include "lineage/tests/row_signs.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/progress_stage.h"
#include "lineage/tests/head_signs.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;
using checkpoint::UnitGroup;

// Every n-th task is taken beyond this many numbers of either side (half as many in coordinates
// that are tried after the models' own), and, as a rotation costs width^2 for every vector, beyond
// this many operations.
constexpr double kNumbersMax = 5e8, kRotationWorkMax = 4e11;
constexpr uint64_t kNeuronsATime = 256;

struct Task {
  const AttentionLayer* suspect = nullptr;  // attention: one key/value head
  const AttentionLayer* reference = nullptr;
  uint64_t head = 0;
  const UnitGroup* suspect_units = nullptr;  // or neurons
  const UnitGroup* reference_units = nullptr;
  uint64_t first = 0, count = 0;
};

const std::vector<float>* gain_or_none(const Side& side, const std::optional<size_t>& gain) {
  return gain ? &side.anatomy->gains[*gain] : nullptr;
}

Status do_neurons(const Pair& pair, const Gauge& gauge, const Task& task, RowSigns& to) {
  const UnitGroup& units_b = *task.suspect_units;
  const UnitGroup& units_a = *task.reference_units;
  const Side &side_a = pair.reference, &side_b = pair.suspect;
  const size_t width = side_a.width();
  std::vector<double> x(task.count), shifted(task.count);
  for (const bool up : {true, false}) {
    const auto gain_a = gain_or_none(side_a, up ? units_a.in_gain : units_a.out_gain);
    const auto gain_b = gain_or_none(side_b, up ? units_b.in_gain : units_b.out_gain);
    auto a = load_vectors({&side_a, up ? units_a.up : units_a.down, gain_a, nullptr}, task.first,
                          task.count);
    if (!a) return std::move(a).error();
    auto b = load_vectors({&side_b, up ? units_b.up : units_b.down, gain_b, &gauge}, task.first,
                          task.count);
    if (!b) return std::move(b).error();
    for (size_t i = 0; i < task.count; ++i) {
      const float* row = &(*b)[i * width];
      x[i] += cosine(&(*a)[i * width], row, width);
      shifted[i] += cosine(&(*a)[(i + 1) % task.count * width], row, width);
    }
  }
  for (size_t i = 0; i < task.count; ++i) {
    to.sum.add(x[i]);
    if (task.count > 1) to.shifted.add(shifted[i]);
  }
  return {};
}

struct Tasks {
  std::vector<Task> all;
  double vectors = 0;
};

void add_attention(const Pair& pair, const LayerPair& layers, Tasks& tasks) {
  const AttentionLayer* b = attention_layer(pair.suspect, layers.suspect);
  const AttentionLayer* a = attention_layer(pair.reference, layers.reference);
  if (!a || !b) return;
  const auto& form = pair.reference.attention;
  for (uint64_t head = 0; head < form.kv_heads; ++head) {
    tasks.all.push_back({b, a, head, nullptr, nullptr, 0, 0});
  }
  tasks.vectors += static_cast<double>(2 * (form.heads + form.kv_heads) * form.head_size);
}

// Dense layers of equal size only: expert neurons have a test of their own.
bool add_neurons(const Pair& pair, const LayerPair& layers, Tasks& tasks) {
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

std::string thin_out(const Gauge& gauge, uint64_t seed, Tasks& tasks) {
  const auto from = static_cast<double>(gauge.from);
  const bool own = gauge.kind == GaugeKind::identity;
  double excess = tasks.vectors * from / (own ? kNumbersMax : kNumbersMax / 2);
  if (gauge.kind == GaugeKind::rotation) {
    excess = std::max(excess,
                      tasks.vectors * 2 * from * static_cast<double>(gauge.to) / kRotationWorkMax);
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

Result<RowSignsFound> row_signs(const Pair& pair, const Gauge& gauge,
                                const std::vector<LayerPair>& layers) {
  RowSignsFound out;
  out.attention_missing = why_no_attention(pair);
  out.up_down_missing = "no two dense gated layers of one size";
  Tasks tasks;
  for (const LayerPair& both : layers) {
    if (out.attention_missing.empty()) add_attention(pair, both, tasks);
    if (add_neurons(pair, both, tasks)) out.up_down_missing.clear();
  }
  out.sampled = thin_out(gauge, pair.seed, tasks);
  std::vector<TaskSigns> parts(tasks.all.size());
  const double weights = 2 * tasks.vectors * static_cast<double>(pair.reference.width());
  WorkStage stage(pair, "signs of rows", weights, tasks.all.size());
  auto status = parallel_for(tasks.all.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const Task& task = tasks.all[i];
    stage.advance();
    if (!task.suspect) return do_neurons(pair, gauge, task, parts[i].up_down);
    return add_head(pair, gauge, *task.suspect, *task.reference, task.head, parts[i].heads);
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
