// The rotation that turns rows of one model into the rows of another (Procrustes).
//
// Lifetime: plain values. Thread-safety: pure functions that start their own workers.
#pragma once

#include "neurons/carry/neuron_rows.h"

namespace wmk::neurons {

// O (suspect width x release width) of the sum of pairs s r^T: the partial isometry with s ~ O r.
// Directions of which the pairs say nothing are left out.
std::vector<float> isometry_of(std::vector<float> moment, size_t suspect_width,
                               size_t release_width, unsigned threads);

}  // namespace wmk::neurons
