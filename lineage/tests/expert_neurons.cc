#include "lineage/tests/expert_neurons.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "lineage/model/progress_stage.h"
#include "lineage/model/sampling.h"
#include "mpi/shared_tasks.h"

namespace wmk::lineage {

namespace {

// Limit on floating-point operations for all layers and controls; half of it in a fitted basis.
constexpr double kMatchWorkMax = 1.2e12;
constexpr uint64_t kSamplesMax = 2048, kSamplesMin = 256;
constexpr size_t kLayersMin = 4, kControlLayers = 4;
constexpr uint64_t kLayerShift = 7;
constexpr int kNeuronBits = 40;  // of a neuron's number in its layer

struct MatchPlan {
  std::vector<LayerPair> layers;
  uint64_t samples = 0;
};

MatchPlan plan_matches(const ModelPair& pair, const Basis& basis,
                       const std::vector<LayerPair>& layers) {
  uint64_t most = 1, most_b = 1;
  for (const LayerPair& layer : layers) {
    most = std::max(most, neurons_of_layer(*pair.reference.anatomy, layer.reference));
    most_b = std::max(most_b, neurons_of_layer(*pair.suspect.anatomy, layer.suspect));
  }
  MatchPlan plan;
  const double work = basis.kind == BasisKind::identity ? kMatchWorkMax : kMatchWorkMax / 2;
  const double of_a_sample = 6.0 * static_cast<double>(most * pair.reference.width());
  const double affordable = work / of_a_sample / static_cast<double>(kLayersMin + kControlLayers);
  plan.samples = std::clamp(static_cast<uint64_t>(affordable), kSamplesMin, kSamplesMax);
  plan.samples = std::min(plan.samples, most_b);
  const double of_a_layer = of_a_sample * static_cast<double>(plan.samples);
  const auto layers_and_controls = static_cast<size_t>(work / of_a_layer);
  const size_t count = std::max(kLayersMin + kControlLayers, layers_and_controls) - kControlLayers;
  for (const size_t i : evenly(layers.size(), count)) plan.layers.push_back(layers[i]);
  return plan;
}

// A layer of the reference, the corresponding layer of the suspect, and for some also a wrong one.
struct MatchTask {
  uint64_t reference = 0;
  std::vector<uint64_t> suspect;  // for the test, for the control
};

std::vector<MatchTask> tasks_of(const MatchPlan& plan) {
  std::vector<MatchTask> tasks;
  for (const LayerPair& layers : plan.layers) tasks.push_back({layers.reference, {layers.suspect}});
  const size_t count = tasks.size();
  if (count < 2) return tasks;
  for (const size_t at : evenly(count, kControlLayers)) {
    // Shifted by position, so that the layer is a wrong one for any depth.
    const size_t shift = count > kLayerShift ? kLayerShift : count / 2;
    tasks[(at + shift) % count].suspect.push_back(plan.layers[at].suspect);
  }
  return tasks;
}

bool agrees(const NeuronMatch& match, bool gated) {
  if (!match.alive) return false;
  return (gated && match.by_gate == match.by_up) || match.by_gate == match.by_down ||
         match.by_up == match.by_down;
}

void add_shares(const ModelPair& pair, const LayerMatch& layer, ExpertNeurons& out) {
  std::map<size_t, std::pair<uint64_t, uint64_t>> by_group;  // sampled, matched
  for (const NeuronMatch& match : layer.matches) {
    auto& [sampled, matched] = by_group[match.group];
    sampled += 1;
    out.samples += 1;
    if (!agrees(match, layer.gated)) continue;
    matched += 1;
    out.matched += 1;
    out.matched_cosine += match.gate_cosine;
  }
  for (const auto& [index, counts] : by_group) {
    const checkpoint::UnitGroup& group = pair.suspect.anatomy->groups[index];
    const double share = static_cast<double>(counts.second) / static_cast<double>(counts.first);
    out.shares.push_back({group.layer, group.expert, group.shared, counts.first, share});
  }
}

// Three vectors of every neuron of the reference, for each task.
double weights_searched(const ModelPair& pair, const std::vector<MatchTask>& tasks) {
  double neurons = 0;
  for (const MatchTask& task : tasks) {
    neurons += static_cast<double>(neurons_of_layer(*pair.reference.anatomy, task.reference));
  }
  return 3 * neurons * static_cast<double>(pair.reference.width());
}

// What the matches of all tasks show. Neurons that are copies of each other in repeated layers of
// the reference share a sign.
void add_evidence(const ModelPair& pair, const std::vector<MatchTask>& tasks,
                  const std::vector<std::vector<LayerMatch>>& matches, const LayerClusters* copies,
                  ExpertNeurons& out) {
  if (copies && out.sign_side == SignSide::suspect) out.sign_side = SignSide::neither;
  std::vector<stats::SignedTerm> terms, control;
  const auto add = [&](const LayerMatch& layer, size_t task, std::vector<stats::SignedTerm>& to) {
    const uint64_t number = copies ? copies->of(tasks[task].reference) : task;
    const auto more = sign_terms(layer, out.sign_side, number << kNeuronBits);
    to.insert(to.end(), more.begin(), more.end());
  };
  for (size_t i = 0; i < matches.size(); ++i) {
    const auto& both = matches[i];
    out.gated = both[0].gated;
    add(both[0], i, terms);
    out.found.add(both[0]);
    add_shares(pair, both[0], out);
    if (both.size() < 2) continue;
    add(both[1], i, control);
    out.control.add(both[1]);
  }
  out.signs = stats::grouped(std::move(terms));
  out.control_signs = stats::grouped(std::move(control));
}

}  // namespace

Result<ExpertNeurons> expert_neurons(const ModelPair& pair, const Basis& basis,
                                     const std::vector<LayerPair>& layers,
                                     const RepeatedNeurons& repeated, const LayerClusters* copies) {
  ExpertNeurons out;
  out.layers_in_all = layers.size();
  if (layers.empty()) {
    out.missing = "depths differ and no layers match";
    return out;
  }
  const MatchPlan plan = plan_matches(pair, basis, layers);
  out.layers = plan.layers.size();
  out.repeated = repeated;
  out.sign_side = sign_side_of(repeated);
  const auto has_experts = [](const Side& side, uint64_t layer) {
    return groups_of_layer(*side.anatomy, layer).size() > 1;
  };
  out.suspect_experts = has_experts(pair.suspect, layers[0].suspect);
  out.reference_experts = has_experts(pair.reference, layers[0].reference);
  const auto tasks = tasks_of(plan);
  std::vector<std::vector<LayerMatch>> matches(tasks.size());
  ProgressStage stage(pair, "neurons", weights_searched(pair, tasks), tasks.size());
  const unsigned threads = affordable_threads(pair, 2 * plan.samples);
  auto status = mpi::for_tasks(pair.is_shared, threads, matches, [&](size_t i) -> Status {
    auto both = match_neurons({&pair.suspect, &basis, tasks[i].suspect, &pair.reference,
                               tasks[i].reference, plan.samples, pair.seed, false});
    if (!both) return std::move(both).error();
    matches[i] = *std::move(both);
    stage.advance();
    return {};
  });
  if (!status) return std::move(status).error();
  add_evidence(pair, tasks, matches, copies, out);
  if (out.matched > 0) out.matched_cosine /= static_cast<double>(out.matched);
  return out;
}

}  // namespace wmk::lineage
