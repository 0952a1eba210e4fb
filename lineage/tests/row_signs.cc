#include "lineage/tests/row_signs.h"

#include <cmath>
#include <map>

#include "lineage/model/progress_stage.h"
#include "lineage/model/row_cosines.h"
#include "lineage/tests/head_signs.h"
#include "lineage/tests/row_sign_tasks.h"
#include "mpi/shared_tasks.h"

namespace wmk::lineage {

namespace {

using checkpoint::UnitGroup;

Status add_neuron_signs(const ModelPair& pair, const Basis& basis, const RowSignTask& task,
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
template <class Visit>
void fields(TaskTerms& terms, Visit& visit) {
  visit(terms.heads);
  visit(terms.up_down);
}

// The terms of all tasks; those of copies are added up.
std::vector<TaskTerms> without_copies(const std::vector<RowSignTask>& tasks,
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
  auto found = row_sign_tasks(pair, basis, layers, copies);
  if (!found) return std::move(found).error();
  const RowSignTasks& tasks = *found;
  out.attention_missing = tasks.attention_missing;
  out.up_down_missing = tasks.up_down_missing;
  out.sampled = tasks.sampled;
  out.moved_heads = tasks.moved;
  std::vector<TaskTerms> parts(tasks.all.size());
  const double weights = 2 * tasks.vectors * static_cast<double>(pair.reference.width());
  ProgressStage stage(pair, "signs of rows", weights, tasks.all.size());
  auto status = mpi::for_tasks(pair.is_shared, pair.threads, parts, [&](size_t i) -> Status {
    const RowSignTask& task = tasks.all[i];
    stage.advance();
    if (!task.suspect) return add_neuron_signs(pair, basis, task, parts[i].up_down);
    return add_head(pair, basis, *task.suspect, *task.reference, task.head, task.order,
                    parts[i].heads);
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
