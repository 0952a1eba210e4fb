// Rows of a model in its residual space, layer by layer: what a map is fitted to.
//
// Lifetime: refers to the model. Thread-safety: one caller; starts its own workers, with the same
// rows for any number of them.
#pragma once

#include <functional>
#include <optional>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

class RowSource {
 public:
  // `basis`: coordinates of all rows (written_span.h); no rows: as stored.
  RowSource(const Model& model, Rows basis) : model_(model), basis_(std::move(basis)) {
    if (basis_.count > 0) products_.emplace(basis_, stats::TilePrecision::two_terms);
  }
  virtual ~RowSource() = default;

  size_t width() const { return basis_.count > 0 ? basis_.count : model_.anatomy->width; }
  const Rows& basis() const { return basis_; }
  virtual size_t layers() const = 0;
  virtual uint64_t layer_number(size_t layer) const = 0;

  // Rows of one layer, at most about `limit`; of those only the ones that `keep` names. It is asked
  // for each, in order.
  using Keep = std::function<bool(size_t row)>;
  virtual Result<Rows> read(size_t layer, uint64_t limit, unsigned threads,
                            const Keep& keep = {}) = 0;

 protected:
  // The coordinates of `rows` in the basis, in place.
  void to_basis(Rows& rows) const {
    if (products_) rows = products_->of(rows, 0, rows.count);
  }

  Model model_;
  Rows basis_;
  std::optional<Products> products_ = std::nullopt;  // with the basis
};

}  // namespace wmk::neurons
