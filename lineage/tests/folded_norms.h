// T6, folded: do the norm weights agree, wherever they are stored? (specs/lineage.md 7)
//
// Purpose: a factor can be moved from a norm weight into the matrices that read behind the norm
// without changing the model, so norm weights as stored show little. Columns of the folded matrices
// (matrix times norm weight) are compared instead: where they have one ratio throughout, the norm
// weights agree. Described, without p; distinguishes a copy from a shared initialisation.
// Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include <span>

#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr std::string_view kFoldedStatistic =
    "mean correlation of norm weights, from folded matrices";

// Sums over corresponding rows of folded matrices, each row scaled to unit length and given the
// sign of the reference's.
struct ColumnRatios {
  explicit ColumnRatios(size_t width) : both(width), squares(width) {}
  std::vector<double> both, squares;  // sum of b a, sum of a a, by column
  double cosines = 0;
  size_t rows = 0;
  void add(std::span<const float> suspect, std::span<const float> reference);
  bool correspond() const;  // are the rows similar enough for a ratio?
};
// The correlation of the reference's norm weights with those that the ratios give the suspect. If
// the reference's are constant: the same with the roles exchanged, from the suspect's own (empty:
// unknown). None if both are constant.
std::optional<double> folded_correlation(const ColumnRatios& ratios,
                                         const std::vector<float>& reference,
                                         const std::vector<float>& suspect);

Result<TestResult> folded_norm_result(const ModelPair& pair, const Basis& basis,
                                      const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
