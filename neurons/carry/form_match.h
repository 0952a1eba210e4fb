// Pairs of rows that the second moments of layers show, without a map.
//
// Thread-safety: one caller; starts its own workers; the same pairs for any number of them.
#pragma once

#include <vector>

#include "neurons/carry/cloud_rows.h"
#include "neurons/carry/layer_pairs.h"
#include "neurons/carry/nearest.h"
#include "neurons/carry/release_memo.h"

namespace wmk::neurons {

inline constexpr float kRatio = 0.8f;  // of the distances to the nearest and to the second nearest

using FormMatches = std::vector<std::vector<RowPair>>;  // by cloud

// Other pairings of the same layers need not compute them again.
struct KnownNumbers {
  NumbersByLayers& of_suspect;
  NumbersByLayers& of_release;
};

// `forms`: pairs of layers of `form_rows` whose second moments are taken; `clouds`: pairs of layers
// of `rows` that are matched. Of the suspect's rows the fitted part. `known`: of these `form_rows`
// and `rows`; what is missing is added.
Result<FormMatches> match_by_forms(CloudRows& form_rows, const LayerPairs& forms, CloudRows& rows,
                                   const LayerPairs& clouds, KnownNumbers known);

}  // namespace wmk::neurons
