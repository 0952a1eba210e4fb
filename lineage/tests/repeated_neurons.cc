#include "lineage/tests/repeated_neurons.h"

#include <algorithm>
#include <array>

#include "base/parallel.h"
#include "lineage/model/progress_stage.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

constexpr size_t kCopyLayers = 2;       // searched in either model
constexpr uint64_t kCopySamples = 512;  // neurons of each layer
constexpr double kTwinCosine = 0.3, kTwinShare = 0.05;
constexpr double kSameGate = 0.98;  // clones, whatever cancelling noise their up and down hold
constexpr double kSampleBytesMax = 256e6;

// Counts neurons with a twin: a similar gate row and the same signs in up and down, as copied
// neurons have. Neurons that became similar in training have independent signs and do no harm, but
// neurons of one gate may be clones whose signs noise hides.
double twins(const LayerMatch& layer) {
  return static_cast<double>(
      std::count_if(layer.matches.begin(), layer.matches.end(), [](const NeuronMatch& match) {
        return match.alive && (match.gate_cosine > kSameGate ||
                               (match.gate_cosine > kTwinCosine && match.x > 2 * kTwinCosine));
      }));
}

}  // namespace

unsigned affordable_threads(const ModelPair& pair, uint64_t samples) {
  const double width = static_cast<double>(std::max(pair.reference.width(), pair.suspect.width()));
  const double bytes = 12.0 * static_cast<double>(samples) * width;
  return static_cast<unsigned>(
      std::clamp(kSampleBytesMax / bytes, 1.0, static_cast<double>(pair.threads)));
}

Result<RepeatedNeurons> find_repeated_neurons(const ModelPair& pair) {
  const std::array<const Side*, 2> sides = {&pair.suspect, &pair.reference};
  std::array<double, 2 * kCopyLayers> found = {}, searched = {};
  ProgressStage stage(pair, "copied neurons", found.size());
  auto status = parallel_for(found.size(), affordable_threads(pair, kCopySamples),
                             [&](size_t i, unsigned) -> Status {
                               const Side& side = *sides[i / kCopyLayers];
                               const auto layers = layers_with_neurons(*side.anatomy);
                               const size_t number = i % kCopyLayers;
                               if (number >= layers.size()) {
                                 stage.advance();
                                 return {};
                               }
                               const uint64_t layer = layers[number * layers.size() / kCopyLayers];
                               auto match = match_neurons({&side,
                                                           nullptr,
                                                           {layer},
                                                           &side,
                                                           layer,
                                                           kCopySamples,
                                                           pair.seed,
                                                           /*exclude_self=*/true,
                                                           kTwinCosine});
                               if (!match) return std::move(match).error();
                               found[i] = twins(match->front());
                               searched[i] = static_cast<double>(match->front().matches.size());
                               stage.advance();
                               return {};
                             });
  if (!status) return std::move(status).error();
  const auto repeats = [&](size_t side) {
    double copies = 0, samples = 0;
    for (size_t i = side * kCopyLayers; i < (side + 1) * kCopyLayers; ++i) {
      copies += found[i];
      samples += searched[i];
    }
    return copies > kTwinShare * samples;
  };
  return RepeatedNeurons{repeats(0), repeats(1)};
}

}  // namespace wmk::lineage
