// Vectors of neurons as rows of floats that cannot overflow.
//
// Purpose: rows are folded with their norm weight, and each is divided by a power of two, which is
// kept apart. Thread-safety: pure functions; reading may run in parallel.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "checkpoint/layout/anatomy.h"
#include "stats/row_products.h"

namespace wmk::neurons {

// A checkpoint with its anatomy; both must outlive it.
struct Model {
  const checkpoint::Checkpoint* checkpoint = nullptr;
  const checkpoint::Anatomy* anatomy = nullptr;
};

// `gate`: the row that decides whether the neuron acts: its gate row, or its row of the first
// matrix where the FFN is not gated.
enum class RowKind { gate, up, down };

struct Rows {
  size_t count = 0, width = 0;
  std::vector<float> values;  // count x width

  const float* row(size_t i) const { return values.data() + i * width; }
  float* row(size_t i) { return values.data() + i * width; }
};
template <class Visit>
void fields(Rows& rows, Visit& visit) {
  visit(rows.count);
  visit(rows.width);
  visit(rows.values);
}

// Products with the rows of one matrix B, in bf16 for any width: rows are filled up with zeros to
// whole tiles. Lifetime: owns its copy of B. Thread-safety: immutable.
class Products {
 public:
  // B is packed by `threads`.
  Products(const Rows& b, stats::TilePrecision precision, unsigned threads = 1);
  // Rows [first, first + count) of A B^T.
  void of(const Rows& a, size_t first, size_t count, Rows& out) const;
  Rows of(const Rows& a, size_t first, size_t count) const {
    Rows out;
    of(a, first, count, out);
    return out;
  }

 private:
  size_t depth_;
  stats::RowProducts products_;
};

// Vectors [first, first + count) of a group. A row that is zero or not finite is returned as zero.
// `exponents`: log2 of what each row was divided by.
Status read_rows(const Model& model, size_t group, RowKind kind, uint64_t first, uint64_t count,
                 Rows& out, std::vector<int>& exponents);

// Vectors [first, first + count) of a view of the residual width, as stored.
Status read_view(const checkpoint::Checkpoint& checkpoint, const checkpoint::View& view,
                 uint64_t width, uint64_t first, uint64_t count, Rows& out);

// Divides each row by the power of two above its largest entry.
void remove_scale(Rows& rows, std::vector<int>& exponents);

// Scales each row to length 1; rows of length zero stay zero.
void normalise(Rows& rows, unsigned threads = 1);

// Rows [first, first + count) of a matrix of the width of the residual stream, such as the token
// embedding.
Status read_matrix_rows(const checkpoint::Checkpoint& checkpoint, size_t tensor, uint64_t width,
                        uint64_t first, uint64_t count, Rows& out);

}  // namespace wmk::neurons
