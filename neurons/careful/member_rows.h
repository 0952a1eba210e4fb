// The unit vectors of chosen neurons, read again in slices of columns.
//
// Purpose: comparing and merging neurons needs exact products of whole rows, while memory holds one
// slice: however many neurons share a gate, a slice has about kSliceElements numbers. Lifetime:
// refers to what its source refers to. Thread-safety: immutable; each call has its own buffers.
#pragma once

#include <functional>

#include "neurons/careful/vector_source.h"

namespace wmk::neurons {

inline constexpr size_t kSliceElements = 1 << 20;

class MemberRows {
 public:
  // `units` in any order, each once; `scales` of all neurons of the source.
  MemberRows(VectorSource source, std::vector<uint32_t> units, std::span<const RowScale> scales);

  size_t count() const { return units_.size(); }
  uint64_t width() const { return source_.width; }
  const std::vector<uint32_t>& units() const { return units_; }

  // Columns [first, first + columns) of the rows divided by their lengths: count x columns.
  struct Slice {
    size_t first = 0, columns = 0;
    std::vector<double> rows;
    const double* row(size_t member) const { return &rows[member * columns]; }
  };
  // In the order of columns.
  Status for_each_slice(const std::function<void(const Slice&)>& use) const;

 private:
  Status read(Slice& slice) const;

  VectorSource source_;
  std::vector<uint32_t> units_;
  std::vector<RowScale> scales_;     // of the members
  std::vector<uint32_t> ascending_;  // members by unit
  size_t slice_columns_ = 0;
};

}  // namespace wmk::neurons
