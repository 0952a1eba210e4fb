// T7: does the suspect lie on the grid of a quantisation around the reference?
// (specs/lineage.md 11)
//
// Purpose: tells of each family of matrices how many bits, in what blocks, and how many values are
// the level nearest to the reference's; the same of the reference is the control. Described, never
// scored. Lifetime: values. Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include <array>
#include <map>
#include <string_view>

#include "lineage/forensics/quantisation_grid.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// By length of block; 0: whole rows.
inline constexpr std::array<size_t, 5> kGridBlocks = {0, 128, 64, 32, 16};

struct GridCount {
  uint64_t blocks = 0, suspect_on = 0;
  uint64_t reference_on = 0;          // where the suspect is
  std::array<uint64_t, 9> by_bits{};  // of the suspect's blocks
  uint64_t values = 0;                // in the suspect's blocks that lie on one
  uint64_t nearest = 0, nearest_shifted = 0;
  void add(const GridCount& other);
  int bits() const;  // enough for nine tenths of the blocks
};
using GridCounts = std::array<GridCount, kGridBlocks.size()>;
// Rows of one length, of both models.
GridCounts grid_counts(std::span<const float> suspect, const StoredRounding& suspect_rounding,
                       std::span<const float> reference, const StoredRounding& reference_rounding,
                       size_t length);
// The largest blocks that lie on grids about as often as any; none where few do.
std::optional<size_t> best_block(const GridCounts& counts);

// By name of the matrices: "q", "v", "up", "down". Adds what was found to `out`.
using GridsByName = std::map<std::string_view, GridCounts>;
TestResult grid_result(const GridsByName& by_name, TestResult out);

Result<TestResult> grid_shares(const Pair& pair, const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
