// The map between the residual streams of two models (specs/carried_frame.md).
//
// Purpose: finds O with x_suspect ~ O x_release, from gate rows alone (no token, name, layer or
// neuron number is used, and up rows and down columns only say which neurons matter), or from rows
// of the embedding and from queries and keys, where the FFNs are new. Lifetime:
// values. Thread-safety: one caller; starts its own workers; the same map for any number of them.
#pragma once

#include <utility>

#include "base/progress.h"
#include "neurons/carry/release_memo.h"
#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

enum class MapRows { neurons, tokens };

struct LayerFit {
  uint64_t suspect = 0, release = 0;  // numbers of layers
  uint64_t rows = 0;                  // neurons or tokens, of the side that has fewer
  uint64_t pairs = 0;
  double cosine = 0;  // mean over the pairs
};

struct ResidualMap {
  MapRows fitted_to = MapRows::neurons;
  size_t suspect_width = 0, release_width = 0;
  std::vector<float> o;  // suspect_width x release_width
  uint64_t pairs = 0;
  double cosine = 0;  // mean over the pairs
  // Part of the rows that it was not fitted to that have a clearly nearest row under it.
  double confirmed = 0;
  std::vector<LayerFit> layers;  // those that the map was fitted to
  // Numbers of corresponding layers, suspect and release.
  std::vector<std::pair<uint64_t, uint64_t>> layer_pairs;
};

// A map of d^2 / 2 freedoms fits any rows a little. One that is confirmed less is no fit.
inline constexpr double kConfirmedMin = 0.2;

struct MapSearch {
  unsigned threads = 1;
  Progress* progress = nullptr;
  double confirmed_min = kConfirmedMin;  // audits take the best map of unrelated models as well
  ReleaseMemo* memo = nullptr;           // of earlier searches for this release
  bool is_shared = false;                // (all) the processes of mpirun search together
};
// Errors: "the release's neurons are not found in the suspect" (unsupported); an FFN without a
// gate whose activation is odd, where rows have no sign (unsupported); reading.
Result<ResidualMap> map_neurons(const Model& suspect, const Model& release,
                                const MapSearch& search);

// From tokens: needs an embedding with the same rows, in any order, turned as the attention is.
// Errors: "the release's tokens are not found in the suspect" (unsupported); reading.
Result<ResidualMap> map_tokens(const Model& suspect, const Model& release, unsigned threads,
                               Progress* progress);
// Whether map_tokens() reads the same rows of two readings of one checkpoint.
bool have_equal_tokens(const Model& a, const Model& b);

}  // namespace wmk::neurons
