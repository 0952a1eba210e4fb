#include "lineage/circuits/circuit_agreement.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "lineage/circuits/circuit_terms.h"
#include "lineage/model/progress_stage.h"
#include "lineage/model/sampling.h"
#include "mpi/shared_tasks.h"

namespace wmk::lineage {

namespace {

// Limits on the numbers read from either model, and on the operations of a rotation.
constexpr double kCircuitNumbersMax = 2.5e8, kCircuitWorkMax = 2e11;
constexpr size_t kWrongLayer = 7;  // how much further on

struct CircuitTask {
  const checkpoint::HeadLayer *suspect = nullptr, *reference = nullptr;
  const checkpoint::HeadLayer* wrong = nullptr;  // of the reference
};

// The corresponding layers whose heads can be read.
std::vector<CircuitTask> circuit_tasks(const ModelPair& pair,
                                       const std::vector<LayerPair>& layers) {
  std::vector<CircuitTask> out;
  for (const LayerPair& both : layers) {
    const CircuitTask task{head_layer(pair.suspect, both.suspect),
                           head_layer(pair.reference, both.reference)};
    if (task.suspect && task.reference) out.push_back(task);
  }
  return out;
}

double circuit_vectors(const std::vector<CircuitTask>& tasks) {
  double out = 0;
  for (const CircuitTask& task : tasks) {
    out += static_cast<double>(std::max(task.suspect->vectors(), task.reference->vectors()));
  }
  return out;
}

std::string thin_out_circuits(const Basis& basis, size_t kept, std::vector<CircuitTask>& tasks) {
  const double vectors = circuit_vectors(tasks), from = static_cast<double>(basis.from);
  double excess = vectors * std::max(from, static_cast<double>(basis.to)) / kCircuitNumbersMax;
  if (basis.has_matrix()) {
    excess = std::max(excess, vectors * 2 * from * static_cast<double>(kept) / kCircuitWorkMax);
  }
  if (excess <= 1) return {};
  const auto most = static_cast<double>(tasks.size()) / excess;
  std::vector<CircuitTask> some;
  for (const size_t i : evenly(tasks.size(), std::max<size_t>(2, static_cast<size_t>(most)))) {
    some.push_back(tasks[i]);
  }
  const std::string out = cat(some.size(), " of ", tasks.size(), " layers");
  tasks = std::move(some);
  return out;
}

struct TaskCircuits {
  LayerCircuits right, wrong;
};
template <class Visit>
void fields(TaskCircuits& task, Visit& visit) {
  visit(task.right);
  visit(task.wrong);
}

Result<TaskCircuits> run_task(const ModelPair& pair, const CircuitTask& task, const Basis& of_b,
                              const Basis& of_a, size_t matching) {
  TaskCircuits out;
  auto b = head_circuits(pair.suspect, *task.suspect, of_b, matching);
  if (!b) return std::move(b).error();
  for (const bool wrong : {false, true}) {
    const checkpoint::HeadLayer* layer = wrong ? task.wrong : task.reference;
    if (layer == nullptr) continue;
    auto a = head_circuits(pair.reference, *layer, of_a, matching);
    if (!a) return std::move(a).error();
    (wrong ? out.wrong : out.right) = compare_circuits(*b, *a);
  }
  return out;
}

double mean_cosine(double sum, uint64_t heads, size_t testing) {
  return heads ? sum / (2 * static_cast<double>(heads) * static_cast<double>(testing)) : 0;
}

void add_layers(const std::vector<TaskCircuits>& parts, size_t testing, CircuitAgreement& out) {
  SignTerms terms;
  terms.x.resize(testing);
  terms.shifted.resize(testing);
  double right = 0, wrong = 0;
  uint64_t wrong_heads = 0;
  for (const TaskCircuits& part : parts) {
    terms.add_copies({part.right.x, part.right.shifted});
    right += part.right.cosines;
    wrong += part.wrong.cosines;
    wrong_heads += part.wrong.heads;
    out.places.add({part.right.heads, 1, part.right.in_place, part.wrong.in_place, false});
  }
  out.signs.add(terms);
  out.signs.cosines = 2 * static_cast<double>(out.places.queries);
  out.cosine = mean_cosine(right, out.places.queries, testing);
  out.control = mean_cosine(wrong, wrong_heads, testing);
}

}  // namespace

Result<CircuitAgreement> circuit_agreement(const ModelPair& pair, const Basis& basis,
                                           const std::vector<LayerPair>& layers,
                                           const CircuitCoordinates& coordinates) {
  CircuitAgreement out;
  auto tasks = circuit_tasks(pair, layers);
  const size_t matching = coordinates.matching.size(), testing = coordinates.testing.size();
  out.missing = !pair.suspect.heads.missing.empty() ? cat("suspect: ", pair.suspect.heads.missing)
                : !pair.reference.heads.missing.empty()
                    ? cat("reference: ", pair.reference.heads.missing)
                : tasks.empty()            ? "no corresponding layers"
                : !matching || testing < 2 ? "too few residual coordinates"
                                           : "";
  if (!out.missing.empty()) return out;
  out.sampled = thin_out_circuits(basis, matching + testing, tasks);
  const size_t step = tasks.size() > kWrongLayer ? kWrongLayer : tasks.size() / 2;
  for (size_t i = 0; i < tasks.size() && step > 0; ++i) {
    tasks[i].wrong = tasks[(i + step) % tasks.size()].reference;
  }
  const Basis of_b = coordinates.of(basis);
  const Basis of_a = coordinates.of(Basis::identity(pair.reference.width()));
  std::vector<TaskCircuits> parts(tasks.size());
  const double weights = 2 * circuit_vectors(tasks) * static_cast<double>(basis.from);
  ProgressStage stage(pair, "circuits of heads", weights, tasks.size());
  auto status = mpi::for_tasks(pair.is_shared, pair.threads, parts, [&](size_t i) -> Status {
    auto found = run_task(pair, tasks[i], of_b, of_a, matching);
    if (!found) return std::move(found).error();
    parts[i] = *std::move(found);
    stage.advance();
    return {};
  });
  if (!status) return std::move(status).error();
  for (const CircuitTask& task : tasks) {
    for (const auto* layer : {task.suspect, task.reference}) {
      out.places.in_groups = out.places.in_groups || layer->kv_heads != layer->heads;
    }
  }
  add_layers(parts, testing, out);
  return out;
}

}  // namespace wmk::lineage
