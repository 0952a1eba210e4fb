// What a comparison reads instead of everything: which layers, coordinates and neurons.
//
// Thread-safety: pure functions; the same seed gives the same sample.
#pragma once

#include <random>
#include <string_view>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// How many layers a test reads that does not need all of them.
inline constexpr size_t kSampledLayers = 8;

// The indices of at most `most` of `count` things, evenly spread.
std::vector<size_t> evenly(size_t count, size_t most);

// A repeatable stream of random numbers for one purpose. The names of purposes never change:
// samples, and with them all measured figures, depend on them.
std::mt19937_64 random_for(uint64_t seed, std::string_view purpose);
// A whole number below `bound`, with a negligible bias of 2^-64 * bound.
inline uint64_t below(std::mt19937_64& random, uint64_t bound) { return random() % bound; }
// Puts `order` into random order.
void shuffle(std::mt19937_64& random, std::vector<size_t>& order);

// `count` of the coordinates below `width` (all, if there are no more), in ascending order.
std::vector<size_t> sampled_coordinates(size_t width, size_t count, uint64_t seed,
                                        std::string_view purpose);

// Neighbouring neurons of one group.
struct NeuronRun {
  size_t group = 0;  // index into Anatomy::groups
  uint64_t first = 0, count = 0;
};
// At most `samples` neurons of a layer, in runs that are spread over each group. A group gets its
// share of them, and at least 32, or half of an equal part where that is less. A few groups that
// are wanted almost whole (up to 15 neurons less) are read whole: only then the sample is a little
// larger.
std::vector<NeuronRun> sample_runs(const Side& side, uint64_t layer, uint64_t samples,
                                   uint64_t seed, std::string_view purpose);

}  // namespace wmk::lineage
