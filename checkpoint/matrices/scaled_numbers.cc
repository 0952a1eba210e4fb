#include "checkpoint/matrices/scaled_numbers.h"

#include <algorithm>
#include <vector>

#include "base/simd.h"
#include "base/text.h"

namespace wmk::checkpoint {

namespace {

WMK_VECTORIZED void apply_times(float* v, const float* s, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] = v[i] * s[i];
}
WMK_VECTORIZED void apply_over(float* v, const float* s, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] = v[i] / s[i];
}
WMK_VECTORIZED void apply_minus(float* v, const float* z, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] = v[i] - z[i];
}
WMK_VECTORIZED void apply_shifted(float* v, const float* s, const float* z, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] = (v[i] - z[i]) * s[i];
}
WMK_VECTORIZED void apply_times_plus(float* v, const float* s, const float* z, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] = v[i] * s[i] + z[i];
}

// Indices for the elements [first, first + count), each below `end`.
Status read_places(std::span<const ReadFile> files, const PlaceList& list, uint64_t first,
                   uint64_t count, uint64_t end, std::vector<uint64_t>& out) {
  Bytes bytes(count * 4);
  auto status = files[list.file].read_at(list.offset + first * 4, bytes);
  if (!status) return status;
  out.resize(count);
  for (uint64_t i = 0; i < count; ++i) {
    const auto place = load_le<int32_t>(bytes.data() + i * 4);
    if (place < 0 || static_cast<uint64_t>(place) >= end) {
      return Error(ErrorCode::malformed,
                   cat("element ", first + i, " is in group ", place, " of ", end));
    }
    out[i] = static_cast<uint64_t>(place);
  }
  return {};
}

// The numbers of one rectangle of elements.
class GridPart {
 public:
  Status load(std::span<const ReadFile> files, const Grid& grid, const Rectangle& part) {
    part_ = part;
    const NumberMatrix& numbers = *grid.numbers;
    auto status =
        find_places(files, grid.row_places, part.first_row, part.rows, numbers.rows(), rows_);
    if (status) {
      status = find_places(files, grid.column_places, part.first_column, part.columns,
                           numbers.columns(), columns_);
    }
    if (!status) return status;
    if (!grid.row_places) {
      for (uint64_t r = 0; r < part.rows; ++r) {
        rows_[r] = (part.first_row + r) / grid.rows_each % grid.rows_modulo;
      }
    }
    columns_each_ = grid.column_places ? 0 : grid.columns_each;
    const auto [row_min, row_max] = std::minmax_element(rows_.begin(), rows_.end());
    first_row_ = *row_min;
    if (columns_each_ != 0) {
      first_column_ = part.first_column / columns_each_;
      width_ = (part.first_column + part.columns - 1) / columns_each_ + 1 - first_column_;
    } else {
      const auto [min, max] = std::minmax_element(columns_.begin(), columns_.end());
      first_column_ = *min;
      width_ = *max - *min + 1;
    }
    const Rectangle inner{first_row_, *row_max - first_row_ + 1, first_column_, width_};
    values_.resize(inner.rows * width_);
    line_row_ = UINT64_MAX;
    return numbers.read(files, inner, values_);
  }

  // The numbers for row `r` of the rectangle, one per column. Valid until the next call.
  const float* row(uint64_t r) {
    const float* from = values_.data() + (rows_[r] - first_row_) * width_;
    if (columns_each_ == 1) return from;
    if (line_row_ == rows_[r]) return line_.data();
    line_row_ = rows_[r];
    line_.resize(part_.columns);
    if (columns_each_ == 0) {
      for (uint64_t c = 0; c < part_.columns; ++c) line_[c] = from[columns_[c] - first_column_];
      return line_.data();
    }
    for (uint64_t c = 0, at = part_.first_column % columns_each_; c < part_.columns; ++from) {
      const uint64_t count = std::min(columns_each_ - at, part_.columns - c);
      std::fill_n(line_.data() + c, count, *from);
      c += count;
      at = 0;
    }
    return line_.data();
  }

 private:
  static Status find_places(std::span<const ReadFile> files, const std::optional<PlaceList>& list,
                            uint64_t first, uint64_t count, uint64_t end,
                            std::vector<uint64_t>& out) {
    out.resize(count);
    return list ? read_places(files, *list, first, count, end, out) : Status();
  }

  Rectangle part_;
  std::vector<uint64_t> rows_, columns_;  // of the small matrix
  uint64_t columns_each_ = 1;             // 0: see columns_
  uint64_t first_row_ = 0, first_column_ = 0, width_ = 0;
  std::vector<float> values_, line_;
  uint64_t line_row_ = UINT64_MAX;  // the row of the small matrix in line_
};

class Scaled : public NumberMatrix {
 public:
  Scaled(Numbers values, Formula formula, Grid scale, Grid second)
      : NumberMatrix(values->rows(), values->columns()),
        values_(std::move(values)),
        formula_(formula),
        scale_(std::move(scale)),
        second_(std::move(second)) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    GridPart scale, second;
    auto status = values_->read(files, part, out);
    if (status && scale_.numbers) status = scale.load(files, scale_, part);
    if (status && second_.numbers) status = second.load(files, second_, part);
    if (!status) return status;
    for (uint64_t r = 0; r < part.rows; ++r) {
      float* row = out.data() + r * part.columns;
      switch (formula_) {
        case Formula::times:
          apply_times(row, scale.row(r), part.columns);
          break;
        case Formula::over:
          apply_over(row, scale.row(r), part.columns);
          break;
        case Formula::minus:
          apply_minus(row, second.row(r), part.columns);
          break;
        case Formula::shifted:
          apply_shifted(row, scale.row(r), second.row(r), part.columns);
          break;
        case Formula::times_plus:
          apply_times_plus(row, scale.row(r), second.row(r), part.columns);
          break;
      }
    }
    return {};
  }

 private:
  Numbers values_;
  Formula formula_;
  Grid scale_, second_;
};

}  // namespace

Grid everywhere(Numbers number) {
  return {.numbers = std::move(number), .rows_each = UINT64_MAX, .columns_each = UINT64_MAX};
}

Numbers scaled(Numbers values, Formula formula, Grid scale, Grid second) {
  return std::make_shared<Scaled>(std::move(values), formula, std::move(scale), std::move(second));
}

}  // namespace wmk::checkpoint
