// The rotation that turns rows of one model into the rows of another (Procrustes).
//
// Lifetime: plain values. Thread-safety: pure functions that start their own workers.
#pragma once

#include "neurons/carry/neuron_rows.h"

namespace wmk::neurons {

// O (suspect width x release width) of the sum of pairs s r^T: the partial isometry with s ~ O r.
// Directions of which the pairs say nothing are left out. `rough`: above a width of 1,024 lengths
// are kept to a third only, which is enough to find the nearest row.
enum class Precision { full, rough };
std::vector<float> isometry_of(std::vector<float> moment, size_t suspect_width,
                               size_t release_width, Precision precision, unsigned threads);

}  // namespace wmk::neurons
