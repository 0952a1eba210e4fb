// The best one-to-one assignment (shortest augmenting paths, Jonker and Volgenant's order of work).
//
// Thread-safety: pure function. Time: cubic at worst; 4096 x 4096 takes seconds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::stats {

// The column of each row, all different, such that the sum of `score` (rows x columns, row-major,
// finite, rows <= columns) is largest.
std::vector<size_t> assign(std::span<const float> score, size_t rows, size_t columns);

}  // namespace wmk::stats
