// The second moments of logits: G = X X^T, and X c' of the partners (specs/output.md 3).
//
// Purpose: products of floats, summed in doubles, tile by tile in the order of the blocks, so the
// result is the same for any number of threads. Lifetime: refers to its scorer. Thread-safety: one
// caller; starts its own workers.
#pragma once

#include <vector>

#include "embed/output/logit_blocks.h"
#include "embed/output/output_sums.h"

namespace wmk::embed {

class LogitMoments {
 public:
  LogitMoments(size_t rows, const OutputScorer& scorer);

  // Each block once, in order.
  void add(const LogitBlocks& blocks, size_t block, unsigned threads);
  // After the last block: centres the rows exactly. `centre`, which the blocks subtracted, becomes
  // the exact one.
  void centre(std::vector<float>& centre);
  // Subtracts the mean over the rows from X.
  void centre_columns();

  // Columns that were used.
  uint64_t used() const { return used_; }
  std::vector<double> take_gram() { return std::move(gram_); }          // rows x rows
  std::vector<double> take_products() { return std::move(products_); }  // rows x pairs

 private:
  void multiply(const float* x, size_t count, unsigned threads);

  size_t rows_, columns_;
  const OutputScorer& scorer_;
  std::vector<double> gram_, products_, row_sums_, partner_sums_;
  std::vector<float> partners_;
  uint64_t used_ = 0;
};

}  // namespace wmk::embed
