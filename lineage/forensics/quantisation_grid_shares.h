// T7: is the suspect a quantised copy of the reference? (specs/lineage.md 11)
//
// Purpose: for each kind of matrix, finds the bits and blocks of the suspect's quantisation grid,
// and the share of values at the level nearest to the reference's. The same for the reference is
// the control. Describes, never scores. Lifetime: values. Thread-safety: brings its own workers,
// same bits for any number of them.
#pragma once

#include <array>
#include <map>
#include <string_view>

#include "lineage/evidence.h"
#include "lineage/forensics/quantisation_grid.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Lengths of blocks; 0: whole rows.
inline constexpr std::array<size_t, 5> kGridBlocks = {0, 128, 64, 32, 16};

struct GridCount {
  uint64_t blocks = 0, suspect_on = 0;
  uint64_t reference_on = 0;          // blocks in which both models lie on a grid
  std::array<uint64_t, 9> by_bits{};  // of the suspect's blocks
  uint64_t values = 0;                // in the suspect's blocks on a grid
  uint64_t nearest = 0, nearest_shifted = 0;
  void add(const GridCount& other);
  int bits() const;  // enough for nine tenths of the blocks
};
using GridCounts = std::array<GridCount, kGridBlocks.size()>;
// Corresponding rows of both models, of `length` numbers each.
GridCounts grid_counts(std::span<const float> suspect, const StoredRounding& suspect_rounding,
                       std::span<const float> reference, const StoredRounding& reference_rounding,
                       size_t length);
// The largest blocks that lie on grids about as often as any others, and need at most two bits
// more; none if few do.
std::optional<size_t> best_block(const GridCounts& counts);

// By kind of matrix: "q", "v", "up", "down". grid_result() completes `out`.
using GridsByName = std::map<std::string_view, GridCounts>;
TestResult grid_result(const GridsByName& by_name, TestResult out);

Result<TestResult> grid_shares(const ModelPair& pair, const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
