// Which rows of two sets are each other's nearest.
//
// Thread-safety: pure functions that start their own workers; the same result for any number.
#pragma once

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

// Row `suspect` of one set and row `release` of the other.
struct RowPair {
  uint32_t suspect = 0, release = 0;
  float closeness = 0;  // cosine, or minus the distance
};

// Pairs that are each other's nearest by distance, the second nearest being at a distance of more
// than 1 / `ratio` times that of the nearest.
std::vector<RowPair> nearest_by_distance(const Rows& suspect, const Rows& release, float ratio,
                                         unsigned threads);

// Rows of the suspect, to be turned back into the coordinates of the release: s O. They are turned
// block by block, so that no copy of all is made.
struct TurnedRows {
  const Rows& rows;
  const std::vector<float>& o;  // width of the rows x width of the release
};

// Pairs that have the largest cosine for both; rows of the release have length 1. They are packed,
// and not kept beside that: those of a wide model are large.
std::vector<RowPair> nearest_by_cosine(const TurnedRows& suspect, Rows release, unsigned threads);

// How many rows of the suspect have a clearly nearest row of the release: the second nearest
// is at a distance of more than 1 / `ratio` times that of the nearest.
size_t count_clear(const TurnedRows& suspect, Rows release, float ratio, unsigned threads);

}  // namespace wmk::neurons
