// The map of layers: how similar is each layer of the suspect to each layer of the reference?
//
// Purpose: a picture for the report; it has no part in the verdict. Lifetime: owns its numbers.
// Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include <string>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct LayerScores {
  std::vector<uint64_t> rows, columns;  // numbers of layers: of the suspect, of the reference
  std::vector<float> values;            // rows x columns, 0 to 1
  float chance = 0;                     // the average of unrelated layers
  std::string what;                     // the score, in words
  std::string missing;                  // why there are no values; otherwise empty

  float at(size_t row, size_t column) const { return values[row * columns.size() + column]; }
};

// Mean squared cosines of 32 v rows at equal places, which do not depend on the signs of rows.
Result<LayerScores> layer_scores(const ModelPair& pair, const Basis& basis);

// Some v rows of every layer, evenly spread, after the change of basis (null: as stored).
Result<std::vector<std::vector<float>>> sampled_value_rows(const Side& side, const Basis* basis,
                                                           unsigned threads);
// Of rows of `width` numbers at equal places.
double mean_square_cosine(const std::vector<float>& a, const std::vector<float>& b, size_t width);

}  // namespace wmk::lineage
