#include "neurons/careful/member_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wmk::neurons {

namespace {

// Members with fewer others between them are read together. Vectors that are columns of the stored
// tensor are next to one another in the file, so that all are read together.
constexpr uint64_t kGapUnits = 8;
constexpr size_t kColumnsMin = 64;
constexpr uint64_t kRunUnits = 4096;

}  // namespace

MemberRows::MemberRows(VectorSource source, std::vector<uint32_t> units,
                       std::span<const RowScale> scales)
    : source_(source), units_(std::move(units)), ascending_(units_.size()) {
  for (uint32_t unit : units_) scales_.push_back(scales[unit]);
  std::iota(ascending_.begin(), ascending_.end(), 0u);
  std::sort(ascending_.begin(), ascending_.end(),
            [&](uint32_t a, uint32_t b) { return units_[a] < units_[b]; });
  size_t rows = units_.size();
  if (!source_.unit_major() && rows > 0) {
    rows = std::min<size_t>(kRunUnits, units_[ascending_.back()] - units_[ascending_[0]] + 1) +
           units_.size();
  }
  const size_t columns = kSliceElements / std::max<size_t>(rows, 1) / kColumnsMin * kColumnsMin;
  slice_columns_ = std::clamp<size_t>(columns, kColumnsMin, source_.width + kColumnsMin);
}

Status MemberRows::for_each_slice(const std::function<void(const Slice&)>& use) const {
  Slice slice;
  for (slice.first = 0; slice.first < source_.width; slice.first += slice.columns) {
    slice.columns = std::min<size_t>(slice_columns_, source_.width - slice.first);
    Status status = read(slice);
    if (!status) return status;
    use(slice);
  }
  return {};
}

Status MemberRows::read(Slice& slice) const {
  checkpoint::View view = source_.view;
  view.first += slice.first * view.coordinate_stride;
  std::span<const float> norm_weight = source_.norm_weight;
  if (!norm_weight.empty()) norm_weight = norm_weight.subspan(slice.first, slice.columns);
  const uint64_t gap = source_.unit_major() ? kGapUnits : kRunUnits;
  slice.rows.resize(count() * slice.columns);
  checkpoint::RawBlock raw;
  std::vector<double> rows;
  for (size_t begin = 0, end = 0; begin < count(); begin = end) {
    const uint64_t first = units_[ascending_[begin]];
    uint64_t last = first;
    for (end = begin + 1; end < count(); ++end) {
      const uint64_t unit = units_[ascending_[end]];
      if (unit - last > gap || unit - first >= kRunUnits) break;
      last = unit;
    }
    Status status = raw.read(*source_.checkpoint, view, slice.columns, first, last - first + 1);
    if (!status) return status;
    widen_folded(raw, norm_weight, 0, last - first + 1, rows);
    for (size_t i = begin; i < end; ++i) {
      const uint32_t member = ascending_[i];
      const double* from = &rows[(units_[member] - first) * slice.columns];
      const RowScale& scale = scales_[member];
      for (size_t c = 0; c < slice.columns; ++c) {
        slice.rows[member * slice.columns + c] = std::ldexp(from[c], -scale.exponent) / scale.norm;
      }
    }
  }
  return {};
}

}  // namespace wmk::neurons
