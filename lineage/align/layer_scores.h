// How alike two layers are, for every layer of the suspect beside every one of the reference.
//
// Purpose: a score that is blind to the signs of rows, so that layers may be matched by it and
// their signs tested afterwards; a picture for the report. Never scored. Lifetime: owns its
// numbers. Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include <string>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct LayerMatrix {
  std::vector<uint64_t> rows, columns;  // numbers of layers: of the suspect, of the reference
  std::vector<float> values;            // rows x columns, 0 to 1
  float chance = 0;                     // what unrelated layers have on average
  std::string what;                     // the score in words
  std::string missing;                  // why there are no values; else empty

  float at(size_t row, size_t column) const { return values[row * columns.size() + column]; }
};

// Mean squared cosines of 32 v rows at equal places.
Result<LayerMatrix> layer_scores(const Pair& pair, const Gauge& gauge);

// Some v rows of every layer, evenly spread, in coordinates of the gauge (null: its own).
Result<std::vector<std::vector<float>>> sampled_value_rows(const Side& side, const Gauge* gauge,
                                                           unsigned threads);
// Of rows at equal places.
double mean_square_cosine(const std::vector<float>& a, const std::vector<float>& b, size_t width);

}  // namespace wmk::lineage
