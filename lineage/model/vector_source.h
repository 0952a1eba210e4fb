// How the vectors of a source lie in their tensor, which decides how they are read.
//
// Thread-safety: pure functions.
#pragma once

#include <span>

#include "lineage/model/model_pair.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

// Vectors are columns of the stored matrix.
bool is_columns(const checkpoint::View& view);
// Columns of which the basis keeps few coordinates: only their rows are read.
bool has_few_rows(const VectorSource& source);
// Its bytes come over a network.
bool is_behind_network(const Side& side);
// Columns of one group of which whole stored rows are read at once.
bool are_columns_close(const VectorSource& source, std::span<const NeuronRun> runs);
// The weight that the rows are multiplied by, or null.
const float* norm_of(const VectorSource& source);

}  // namespace wmk::lineage
