// Rows of the token embedding at even distances, read in slices.
//
// Purpose: no copy of all of them is in memory. Lifetime: refers to the model. Thread-safety: one
// caller; starts its own workers.
#pragma once

#include <algorithm>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

class TokenRows {
 public:
  TokenRows(const Model& model, uint64_t wanted, unsigned threads)
      : model_(model), wanted_(wanted), threads_(threads) {}

  // Calls `use` with each slice. Numbers that are not finite become zero.
  template <class Use>
  Status for_slices(const Use& use) const {
    for (uint64_t first = 0; first < wanted_; first += kAtOnce) {
      Rows rows;
      Status status = read(first, std::min(kAtOnce, wanted_ - first), rows);
      if (!status) return status;
      use(rows);
    }
    return {};
  }

 private:
  static constexpr uint64_t kAtOnce = 4096;
  Status read(uint64_t first, uint64_t count, Rows& out) const;

  Model model_;
  uint64_t wanted_;
  unsigned threads_;
};

}  // namespace wmk::neurons
