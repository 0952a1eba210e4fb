#include "checkpoint/matrices/sparse_numbers.h"

#include <algorithm>
#include <bit>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kStepElements = 1 << 20;  // of the mask that is in memory

// Set bits among the bits [first, end) of a row of the mask.
uint64_t count_bits(const std::byte* row, uint64_t first, uint64_t end) {
  uint64_t count = 0;
  for (uint64_t at = first; at < end;) {
    if (at % 64 == 0 && end - at >= 64) {
      count += static_cast<uint64_t>(std::popcount(load_le<uint64_t>(row + at / 8)));
      at += 64;
      continue;
    }
    const uint64_t bits = std::min(8 - at % 8, end - at);
    const unsigned byte = std::to_integer<unsigned>(row[at / 8]) >> at % 8 & ((1u << bits) - 1);
    count += static_cast<uint64_t>(std::popcount(byte));
    at += bits;
  }
  return count;
}

// out[i] is the next value if bit first + i is set.
void scatter(const std::byte* row, uint64_t first, const float* values, std::span<float> out) {
  for (uint64_t i = 0; i < out.size(); ++i) {
    const uint64_t at = first + i;
    const bool is_set = (std::to_integer<unsigned>(row[at / 8]) >> at % 8 & 1u) != 0;
    out[i] = is_set ? *values++ : 0.0f;
  }
}

class Sparse : public NumberMatrix {
 public:
  Sparse(Numbers values, const BitMask& mask, const RowStarts& starts)
      : NumberMatrix(mask.rows, mask.columns),
        values_(std::move(values)),
        mask_(mask),
        starts_(starts) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t step = std::max<uint64_t>(1, kStepElements / columns());
    for (uint64_t row = 0; row < part.rows; row += step) {
      const Rectangle some{part.first_row + row, std::min(step, part.rows - row), part.first_column,
                           part.columns};
      auto status = read_step(files, some, out.subspan(row * part.columns));
      if (!status) return status;
    }
    return {};
  }

 private:
  // Where the rows begin and the last one ends, with the mask of each row checked.
  Result<std::vector<uint64_t>> bounds_of(std::span<const ReadFile> files, const Rectangle& part,
                                          const Bytes& mask) const {
    std::vector<uint64_t> bounds(part.rows + 1);
    const bool is_end = part.first_row + part.rows == rows();
    Bytes list;
    if (starts_.list) {
      list.resize((part.rows + (is_end ? 0 : 1)) * 8);
      auto status =
          files[starts_.list->file].read_at(starts_.list->offset + part.first_row * 8, list);
      if (!status) return std::move(status).error();
    }
    for (uint64_t r = 0; r <= part.rows; ++r) {
      bounds[r] = r == part.rows && is_end ? values_->columns()
                  : starts_.list           ? load_le<uint64_t>(list.data() + r * 8)
                                           : (part.first_row + r) * starts_.each;
    }
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t count = count_bits(mask.data() + r * mask_.row_bytes(), 0, columns());
      const bool begins = part.first_row + r != 0 || bounds[r] == 0;
      if (!begins || bounds[r] > values_->columns() || values_->columns() - bounds[r] < count ||
          bounds[r] + count != bounds[r + 1]) {
        return Error(ErrorCode::malformed,
                     cat("row ", part.first_row + r, ": the mask has ", count,
                         " elements, and the values of the row are not as many"));
      }
    }
    return bounds;
  }

  Status read_step(std::span<const ReadFile> files, const Rectangle& part,
                   std::span<float> out) const {
    Bytes mask(part.rows * mask_.row_bytes());
    auto status =
        files[mask_.file].read_at(mask_.offset + part.first_row * mask_.row_bytes(), mask);
    if (!status) return status;
    const auto bounds = bounds_of(files, part, mask);
    if (!bounds) return bounds.error();
    const bool reads_rows = part.columns * 4 < columns();
    std::vector<float> values;
    if (!reads_rows) status = read_values(files, bounds->front(), bounds->back(), values);
    for (uint64_t r = 0; r < part.rows && status; ++r) {
      const std::byte* row = mask.data() + r * mask_.row_bytes();
      const uint64_t first = (*bounds)[r] + count_bits(row, 0, part.first_column);
      if (reads_rows) {
        const uint64_t end = part.first_column + part.columns;
        status = read_values(files, first, first + count_bits(row, part.first_column, end), values);
      }
      const uint64_t in_memory = reads_rows ? first : bounds->front();
      scatter(row, part.first_column, values.data() + (first - in_memory),
              out.subspan(r * part.columns, part.columns));
    }
    return status;
  }

  Status read_values(std::span<const ReadFile> files, uint64_t first, uint64_t end,
                     std::vector<float>& out) const {
    out.resize(end - first);
    return out.empty() ? Status() : values_->read(files, {0, 1, first, out.size()}, out);
  }

  Numbers values_;
  BitMask mask_;
  RowStarts starts_;
};

}  // namespace

Numbers sparse_numbers(Numbers values, const BitMask& mask, const RowStarts& starts) {
  return std::make_shared<Sparse>(std::move(values), mask, starts);
}

}  // namespace wmk::checkpoint
