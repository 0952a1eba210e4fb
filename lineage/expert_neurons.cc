#include "lineage/expert_neurons.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/parallel.h"
#include "lineage/neuron_sample.h"
#include "lineage/work_stage.h"

namespace wmk::lineage {

namespace {

constexpr double kWorkMax = 2.5e12;  // floating-point operations of all layers together
constexpr uint64_t kSamplesMax = 2048, kSamplesMin = 512;
constexpr size_t kLayersMin = 4, kControlLayers = 4, kRepeatLayers = 2;
constexpr uint64_t kLayerShift = 7;
constexpr double kTwinCosine = 0.3, kTwinShare = 0.05;
constexpr double kBytesMax = 512e6;  // of all workers' samples

struct MatchPlan {
  std::vector<LayerPair> layers;
  uint64_t samples = 0;
};

std::vector<LayerPair> spread(const std::vector<LayerPair>& layers, size_t count) {
  count = std::min(count, layers.size());
  std::vector<LayerPair> out;
  for (size_t i = 0; i < count; ++i) out.push_back(layers[i * layers.size() / count]);
  return out;
}

MatchPlan plan_matches(const Pair& pair, const std::vector<LayerPair>& layers) {
  uint64_t most = 1, most_b = 1;
  for (const LayerPair& layer : layers) {
    most = std::max(most, units_of_layer(*pair.reference.anatomy, layer.reference));
    most_b = std::max(most_b, units_of_layer(*pair.suspect.anatomy, layer.suspect));
  }
  MatchPlan plan;
  const double of_a_sample = 6.0 * static_cast<double>(most * pair.reference.width());
  const double affordable = kWorkMax / of_a_sample / static_cast<double>(kLayersMin);
  plan.samples = std::clamp(static_cast<uint64_t>(affordable), kSamplesMin, kSamplesMax);
  plan.samples = std::min(plan.samples, most_b);
  const double of_a_layer = of_a_sample * static_cast<double>(plan.samples);
  plan.layers = spread(layers, std::max(kLayersMin, static_cast<size_t>(kWorkMax / of_a_layer)));
  return plan;
}

struct MatchTask {
  enum class Use { test, control, suspect_repeats, reference_repeats } use = Use::test;
  LayerPair layers;
};

std::vector<MatchTask> tasks_of(const MatchPlan& plan) {
  using Use = MatchTask::Use;
  std::vector<MatchTask> tasks;
  for (const LayerPair& layers : plan.layers) tasks.push_back({Use::test, layers});
  const size_t count = plan.layers.size();
  const auto few = spread(plan.layers, kControlLayers);
  for (size_t i = 0; i < few.size() && count > 1; ++i) {
    // A neighbour by position, so that the layer is a wrong one for any depth.
    const size_t at = i * count / few.size();
    const size_t shift = count > kLayerShift ? kLayerShift : count / 2;
    tasks.push_back({Use::control, {few[i].suspect, plan.layers[(at + shift) % count].reference}});
  }
  for (const LayerPair& layers : spread(plan.layers, kRepeatLayers)) {
    tasks.push_back({Use::suspect_repeats, layers});
    tasks.push_back({Use::reference_repeats, layers});
  }
  return tasks;
}

Result<LayerMatch> do_match(const Pair& pair, const Gauge& gauge, const MatchTask& task,
                            uint64_t samples) {
  MatchRequest request{&pair.suspect,         &gauge,  task.layers.suspect, &pair.reference,
                       task.layers.reference, samples, pair.seed,           false};
  if (task.use == MatchTask::Use::suspect_repeats) {
    request.gauge = nullptr;
    request.others = request.queries;
    request.other_layer = request.query_layer;
    request.not_itself = true;
  }
  if (task.use == MatchTask::Use::reference_repeats) {
    request.gauge = nullptr;
    request.queries = request.others;
    request.query_layer = request.other_layer;
    request.not_itself = true;
  }
  return match_neurons(request);
}

bool agrees(const NeuronMatch& match, bool gated) {
  if (!match.alive) return false;
  return (gated && match.by_gate == match.by_up) || match.by_gate == match.by_down ||
         match.by_up == match.by_down;
}

void add_shares(const Pair& pair, const LayerMatch& layer, ExpertNeurons& out) {
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

// Neurons that were copied when the model was made have a twin by gate rows with the same signs in
// up and down. Neurons that came to resemble each other in training keep signs of their own and do
// no harm.
bool repeats(const std::vector<MatchTask>& tasks, const std::vector<LayerMatch>& matches,
             MatchTask::Use use) {
  double twins = 0, samples = 0;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].use != use) continue;
    for (const NeuronMatch& match : matches[i].matches) {
      samples += 1;
      twins += match.alive && match.gate_cosine > kTwinCosine && match.x > 2 * kTwinCosine;
    }
  }
  return twins > kTwinShare * samples;
}

// Three vectors of every neuron of the reference, for each task.
double weights_searched(const Pair& pair, const std::vector<MatchTask>& tasks) {
  double neurons = 0;
  for (const MatchTask& task : tasks) {
    neurons += static_cast<double>(units_of_layer(*pair.reference.anatomy, task.layers.reference));
  }
  return 3 * neurons * static_cast<double>(pair.reference.width());
}

unsigned affordable_threads(const Pair& pair, uint64_t samples) {
  const double bytes = 12.0 * static_cast<double>(samples * pair.reference.width());
  return static_cast<unsigned>(
      std::clamp(kBytesMax / bytes, 1.0, static_cast<double>(pair.threads)));
}

}  // namespace

Result<ExpertNeurons> expert_neurons(const Pair& pair, const Gauge& gauge,
                                     const std::vector<LayerPair>& layers) {
  ExpertNeurons out;
  out.layers_in_all = layers.size();
  if (layers.empty()) {
    out.missing = "depths differ and no layers correspond";
    return out;
  }
  const MatchPlan plan = plan_matches(pair, layers);
  out.layers = plan.layers.size();
  const auto tasks = tasks_of(plan);
  std::vector<LayerMatch> matches(tasks.size());
  WorkStage stage(pair, "neurons", weights_searched(pair, tasks), tasks.size());
  auto status = parallel_for(tasks.size(), affordable_threads(pair, plan.samples),
                             [&](size_t i, unsigned) -> Status {
                               auto match = do_match(pair, gauge, tasks[i], plan.samples);
                               if (!match) return std::move(match).error();
                               matches[i] = *std::move(match);
                               stage.advance();
                               return {};
                             });
  if (!status) return std::move(status).error();
  out.suspect_repeats = repeats(tasks, matches, MatchTask::Use::suspect_repeats);
  out.reference_repeats = repeats(tasks, matches, MatchTask::Use::reference_repeats);
  if (out.reference_repeats) {
    out.sign_side = out.suspect_repeats ? SignSide::neither : SignSide::suspect;
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].use == MatchTask::Use::test) {
      out.gated = matches[i].gated;
      out.signs.merge(sign_sum(matches[i], out.sign_side));
      out.found.add(matches[i]);
      add_shares(pair, matches[i], out);
    } else if (tasks[i].use == MatchTask::Use::control) {
      out.control_signs.merge(sign_sum(matches[i], out.sign_side));
      out.control.add(matches[i]);
    }
  }
  if (out.matched > 0) out.matched_cosine /= static_cast<double>(out.matched);
  return out;
}

}  // namespace wmk::lineage
