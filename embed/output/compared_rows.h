// The rows of a head as tokens of two models are compared: centred, turned into the coordinates of
// the labelled model, projected off directions, and in units of their typical length
// (specs/output.md 7).
//
// Lifetime: refers to its rows and turn. Thread-safety: immutable; read() may run concurrently.
#pragma once

#include <optional>
#include <span>

#include "base/memory/wiped.h"
#include "embed/output/column_scale.h"

namespace wmk::embed {

// `directions` with zeros in the columns that are flagged, and these columns as further directions.
WipedVector<int8_t> without(const std::vector<uint8_t>& flags, WipedVector<int8_t> directions);
// An orthonormal basis of the span of `count` directions with entries of +1, -1 and 0: at most
// `count` x `width`.
WipedVector<float> basis_of(std::span<const int8_t> directions, size_t width);

class ComparedRows {
 public:
  struct View {
    // x O: width of the head x width; nullptr: as they are.
    const std::vector<float>* turn = nullptr;
    size_t width = 0;
    const WipedVector<float>* off = nullptr;  // orthonormal rows of this width
    // Each number may differ by this part of itself from what it was before rounding.
    double rounding = 0;
  };
  // Errors: reading; rows of a head with rounding that are far too long (unsupported).
  static Result<ComparedRows> open(const HeadRows& rows, const View& view, unsigned threads);

  struct Buffers {
    Bytes raw;
    std::vector<uint8_t> finite;
    std::vector<float> values, product;
  };
  // `count` x width, and of each row its squared length and how far rounding may have moved it, in
  // the same unit. Rows that are not used become zero, with a length of 0.
  Status read(uint64_t first, uint64_t count, Buffers& buffers, float* out, float* squares,
              float* reach) const;

  size_t width() const { return view_.width; }
  uint64_t count() const { return rows_.rows(); }

 private:
  ComparedRows(const HeadRows& rows, const View& view, ColumnScale scale)
      : rows_(rows), view_(view), scale_(std::move(scale)) {}
  Status set_unit(unsigned threads);

  const HeadRows& rows_;
  View view_;
  ColumnScale scale_;
  double unit_ = 1;
  double mean_reach_ = 0;  // of the mean of all rows
};

}  // namespace wmk::embed
