#include "lineage/tests/row_signs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/progress_stage.h"
#include "lineage/model/row_cosines.h"
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
  const AttentionLayer *suspect = nullptr, *reference = nullptr;
  uint64_t head = 0;
  const UnitGroup* suspect_neurons = nullptr;
  const UnitGroup* reference_neurons = nullptr;
  uint64_t first = 0, count = 0;
  uint64_t layer = 0;  // of the reference: the first of its copies

  // Tasks of copies have the same place.
  std::tuple<bool, uint64_t, uint64_t, uint64_t> place() const {
    return {suspect != nullptr, layer, head, first};
  }
};

Status add_neuron_signs(const ModelPair& pair, const Basis& basis, const Task& task,
                        SignTerms& to) {
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
  to = {std::move(found.x), std::move(found.shifted)};
  return {};
}

struct Tasks {
  std::vector<Task> all;
  double vectors = 0;
};

void add_attention(const ModelPair& pair, const LayerPair& layers, uint64_t copied, Tasks& tasks) {
  const AttentionLayer* b = attention_layer(pair.suspect, layers.suspect);
  const AttentionLayer* a = attention_layer(pair.reference, layers.reference);
  if (!a || !b) return;
  const auto& form = pair.reference.attention;
  for (uint64_t head = 0; head < form.kv_heads; ++head) {
    tasks.all.push_back({b, a, head, nullptr, nullptr, 0, 0, copied});
  }
  tasks.vectors += static_cast<double>(2 * (form.heads + form.kv_heads) * form.head_size);
}

// Only dense layers of equal size: neurons of experts have their own test.
bool add_neurons(const ModelPair& pair, const LayerPair& layers, uint64_t copied, Tasks& tasks) {
  const auto of_b = groups_of_layer(*pair.suspect.anatomy, layers.suspect);
  const auto of_a = groups_of_layer(*pair.reference.anatomy, layers.reference);
  if (of_a.size() != 1 || of_b.size() != 1) return false;
  const UnitGroup& b = pair.suspect.anatomy->groups[of_b[0]];
  const UnitGroup& a = pair.reference.anatomy->groups[of_a[0]];
  if (!a.gate || !b.gate || a.units != b.units) return false;
  for (uint64_t first = 0; first < a.units; first += kNeuronsATime) {
    const uint64_t count = std::min(kNeuronsATime, a.units - first);
    tasks.all.push_back({nullptr, nullptr, 0, &b, &a, first, count, copied});
  }
  tasks.vectors += 2.0 * static_cast<double>(a.units);
  return true;
}

std::string thin_out(const Basis& basis, uint64_t seed, Tasks& tasks) {
  const auto from = static_cast<double>(basis.from);
  const bool own = basis.kind == BasisKind::identity;
  double excess = tasks.vectors * from / (own ? kNumbersMax : kNumbersMax / 2);
  if (basis.has_matrix()) {
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

struct TaskTerms {
  HeadSigns heads;
  SignTerms up_down;

  void add_copies(const TaskTerms& copies) {
    heads.value_output.add_copies(copies.heads.value_output);
    for (size_t i = 0; i < heads.query_key.size(); ++i) {
      heads.query_key[i].add_copies(copies.heads.query_key[i]);
    }
    up_down.add_copies(copies.up_down);
  }
};

// The terms of all tasks; those of copies are added up.
std::vector<TaskTerms> without_copies(const std::vector<Task>& tasks,
                                      std::vector<TaskTerms> parts) {
  std::map<decltype(tasks[0].place()), size_t> places;
  std::vector<TaskTerms> out;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const auto [at, is_new] = places.emplace(tasks[i].place(), out.size());
    is_new ? void(out.push_back(std::move(parts[i]))) : out[at->second].add_copies(parts[i]);
  }
  return out;
}

void add_signs(const std::vector<TaskTerms>& parts, size_t orders, RowSignsFound& out) {
  std::array<RowSigns, kPairOrdersMax> query_key;
  for (const TaskTerms& part : parts) {
    out.value_output.add(part.heads.value_output);
    for (size_t i = 0; i < orders; ++i) query_key[i].add(part.heads.query_key[i]);
    out.up_down.add(part.up_down);
  }
  for (size_t i = 0; i < orders; ++i) {
    if (i == 0 || std::abs(query_key[i].sum.z()) > std::abs(out.query_key.sum.z())) {
      out.query_key = query_key[i];
    }
  }
  out.pair_orders = static_cast<double>(orders);
}

// Cosines in a term: more than two where the terms of copies were added up.
void count_cosines(const std::vector<TaskTerms>& parts, RowSignsFound& out) {
  double heads = 0, neurons = 0;
  for (const TaskTerms& part : parts) {
    heads += static_cast<double>(part.heads.value_output.x.size());
    neurons += static_cast<double>(part.up_down.x.size());
  }
  const auto of_term = [](double read, const RowSigns& signs) {
    return signs.sum.terms ? 2 * read / static_cast<double>(signs.sum.terms) : 2;
  };
  out.value_output.cosines = out.query_key.cosines = of_term(heads, out.value_output);
  out.up_down.cosines = of_term(neurons, out.up_down);
}

}  // namespace

Result<RowSignsFound> row_signs(const ModelPair& pair, const Basis& basis,
                                const std::vector<LayerPair>& layers, const LayerClusters* copies) {
  RowSignsFound out;
  out.attention_missing = why_no_attention(pair);
  out.up_down_missing = "there are no two dense gated layers of equal size";
  Tasks tasks;
  for (const LayerPair& both : layers) {
    const uint64_t copied = copies ? copies->of(both.reference) : both.reference;
    if (out.attention_missing.empty()) add_attention(pair, both, copied, tasks);
    if (add_neurons(pair, both, copied, tasks)) out.up_down_missing.clear();
  }
  out.sampled = thin_out(basis, pair.seed, tasks);
  std::vector<TaskTerms> parts(tasks.all.size());
  const double weights = 2 * tasks.vectors * static_cast<double>(pair.reference.width());
  ProgressStage stage(pair, "signs of rows", weights, tasks.all.size());
  auto status = parallel_for(tasks.all.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    const Task& task = tasks.all[i];
    stage.advance();
    if (!task.suspect) return add_neuron_signs(pair, basis, task, parts[i].up_down);
    return add_head(pair, basis, *task.suspect, *task.reference, task.head, parts[i].heads);
  });
  if (!status) return std::move(status).error();
  const size_t orders = pair_orders(pair).size();
  if (!copies) {
    add_signs(parts, orders, out);
    return out;
  }
  add_signs(without_copies(tasks.all, parts), orders, out);
  count_cosines(parts, out);
  return out;
}

}  // namespace wmk::lineage
