// One attempt at the map between two models, for one pairing of their layers.
//
// Lifetime: a Mapper refers to the rows of both models and to the memo. Thread-safety: one caller;
// starts its own workers; the same fit for any number of them.
#pragma once

#include <optional>

#include "neurons/carry/form_match.h"
#include "neurons/carry/neuron_map.h"
#include "neurons/carry/projection.h"
#include "neurons/carry/release_memo.h"
#include "neurons/carry/rotation_fit.h"

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

  uint64_t rows() const {
    uint64_t sum = 0;
    for (const LayerFit& layer : layers) sum += layer.rows;
    return sum;
  }
};

class Mapper {
 public:
  // Pairs of layers give both forms and clouds. `memo`: of these rows of the release.
  Mapper(CloudRows rows, ReleaseMemo& memo) : rows_(rows), form_rows_(rows), memo_(memo) {}
  // `rows` have one layer, the only cloud; layers of `form_rows` give forms.
  Mapper(CloudRows rows, CloudRows form_rows, ReleaseMemo& memo)
      : rows_(rows), form_rows_(form_rows), is_one_cloud_(true), memo_(memo) {}

  // Which layers may correspond, the most likely first.
  Result<std::vector<LayerPairs>> candidates();
  // None: too few neurons have a clear counterpart, or less than `confirmed_min` of those held out.
  Result<std::optional<Fit>> fit(const LayerPairs& pairs, double confirmed_min);
  // Part of the rows, of those that are held out, that have a clearly nearest row under the map o.
  Result<double> confirm(const LayerPairs& pairs, const std::vector<float>& o);

 private:
  LayerPairs clouds_of(const LayerPairs& pairs) const;
  // Of each layer of the suspect, or of the release.
  Result<std::vector<std::vector<double>>> spectra_of(RowSource& model) const;
  // Pairs by forms of all rows, or nothing: too few, or not those of a rotation.
  Result<std::optional<FormMatches>> start(const LayerPairs& pairs);

  // Whether there are enough pairs, and cosines between rows of the suspect agree with those
  // between their counterparts: no rotation changes them.
  static Result<bool> do_agree(CloudRows& rows, const LayerPairs& clouds,
                               const FormMatches& matches);
  // Pairs of a cloud that are near under the map.
  Result<std::vector<RowPair>> near_under(const LayerPair& cloud, Part part,
                                          const Projection& projection);
  // Adds the pairs of a cloud to `fit` and to `moments`.
  Status add_pairs(const LayerPair& cloud, Part part, const std::vector<RowPair>& pairs, Fit& fit,
                   PairMoments& moments);
  // Pairs under the map so far, by cloud.
  Result<FormMatches> pairs_under(const LayerPairs& clouds, Part part, const Fit& fit);
  // The map of these pairs.
  Result<Fit> fit_to(const LayerPairs& clouds, const FormMatches& matches, Part part);
  // Rounds of both, until the pairs no longer change; none: they stay few, as those of wrong maps.
  Result<std::optional<Fit>> improve(const LayerPairs& clouds, FormMatches matches);
  CloudRows rows_, form_rows_;
  bool is_one_cloud_ = false;
  ReleaseMemo& memo_;
  NumbersByLayers probes_, clouds_;  // of the suspect, as in the memo
};

}  // namespace wmk::neurons
