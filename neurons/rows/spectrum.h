// The spectrum of rows: which layers of two models may correspond.
//
// Thread-safety: pure function that starts its own workers; the same result for any number.
#pragma once

#include <vector>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

// The shape of the spectrum: the largest eigenvalues of the second moment, descending, less the
// last of them, at length 1. Rows that were made anew, and noise, add a multiple of I and change it
// little. All zero where there is no such shape.
inline constexpr size_t kSpectrum = 16;
std::vector<double> spectrum_of(const Rows& rows, unsigned threads);

}  // namespace wmk::neurons
