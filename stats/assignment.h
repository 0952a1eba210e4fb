// The best one-to-one assignment: shortest augmenting paths, as by Jonker and Volgenant.
//
// Thread-safety: pure function. Time: cubic in the worst case; 4096 x 4096 takes seconds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::stats {

// The column of each row. All columns are different, and the sum of their scores is the largest
// possible. `score`: rows x columns, row-major, finite, rows <= columns.
std::vector<size_t> assign(std::span<const float> score, size_t rows, size_t columns);

}  // namespace wmk::stats
