// Which layer of a suspect may be which layer of a release.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace wmk::neurons {

using LayerPair = std::pair<size_t, size_t>;  // (layer of the suspect, layer of the release)
using LayerPairs = std::vector<LayerPair>;    // by ascending layers of the suspect

// Candidates from the spectra of layers: in order (the monotone alignment of the smallest
// distance), at the same depth, each other's nearest; the last is the first if it pairs three
// quarters of the layers. Equal candidates occur once.
std::vector<LayerPairs> pair_layers(const std::vector<std::vector<double>>& suspect,
                                    const std::vector<std::vector<double>>& release);

}  // namespace wmk::neurons
