// One attempt at the map between two models, for one pairing of their layers.
//
// Lifetime: a Mapper refers to the rows of both models. Thread-safety: one caller; starts its own
// workers; the same fit for any number of them.
#pragma once

#include <optional>

#include "neurons/carry/gate_rows.h"
#include "neurons/carry/layer_pairs.h"
#include "neurons/carry/nearest.h"
#include "neurons/carry/neuron_map.h"

namespace wmk::neurons {

inline constexpr size_t kPairsMin = 20;  // fewer pairs are no fit

struct Fit {
  std::vector<float> o;  // in the coordinates of the suspect's basis
  uint64_t pairs = 0;
  double cosines = 0;  // sum
  std::vector<LayerFit> layers;

  LayerPairs pairing;  // of all layers
  // Part of the rows that the map was not fitted to that have a clearly nearest row under it.
  double confirmed = 0;

  uint64_t neurons() const {
    uint64_t sum = 0;
    for (const LayerFit& layer : layers) sum += layer.neurons;
    return sum;
  }
};

class Mapper {
 public:
  Mapper(GateRows& suspect, GateRows& release, unsigned threads)
      : suspect_(suspect), release_(release), threads_(threads) {}

  // Which layers may correspond, the most likely first.
  Result<std::vector<LayerPairs>> candidates();
  // None: too few neurons have a clear counterpart.
  Result<std::optional<Fit>> fit(const LayerPairs& pairs);

 private:
  // The numbers of each cloud row under each form: by cloud, suspect and release. A cloud is a pair
  // of layers whose rows are matched.
  using Numbers = std::vector<std::pair<Rows, Rows>>;
  using Matches = std::vector<std::vector<RowPair>>;  // by cloud

  // `fitted`: what a map is fitted to before it is confirmed, by the rows that are `held_out`.
  enum class Part { all, fitted, held_out };
  Result<Rows> rows_of(GateRows& model, size_t layer, Part part);
  Status add_form(GateRows& model, size_t layer, size_t index, size_t forms,
                  const LayerPairs& clouds, Numbers& out);
  Result<Matches> match_by_forms(const LayerPairs& forms, const LayerPairs& clouds);
  std::vector<RowPair> near_under(const Fit& fit, const Rows& suspect, const Rows& release) const;
  // One round: pairs under the map so far (or the given ones), and the map of these pairs.
  Status improve(const LayerPairs& clouds, const Matches* given, Part part, Fit& fit);
  // Part of the rows that were held out that have a clearly nearest row under the map.
  Result<double> confirm(const LayerPairs& clouds, const Fit& fit);

  GateRows& suspect_;
  GateRows& release_;
  unsigned threads_;
};

}  // namespace wmk::neurons
