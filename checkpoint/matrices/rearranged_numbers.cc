// The same numbers in another order: transposed, or in rows of another length.
#include <algorithm>
#include <vector>

#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {

namespace {

// Floats per step of a transposition.
constexpr uint64_t kTurnedFloats = 1 << 19;
constexpr uint64_t kTile = 32;
constexpr uint64_t kShortRow = 4096;

// to[c][r] = from[r][c]. `from` is rows x columns, rows of `to` are `stride` apart. Tiles are
// small, so that both sides stay in the L1 cache.
void turn(const float* from, uint64_t rows, uint64_t columns, float* to, uint64_t stride) {
  for (uint64_t r0 = 0; r0 < rows; r0 += kTile) {
    const uint64_t r1 = std::min(rows, r0 + kTile);
    for (uint64_t c0 = 0; c0 < columns; c0 += kTile) {
      const uint64_t c1 = std::min(columns, c0 + kTile);
      for (uint64_t c = c0; c < c1; ++c) {
        for (uint64_t r = r0; r < r1; ++r) to[c * stride + r] = from[r * columns + c];
      }
    }
  }
}

class Turned : public NumberMatrix {
 public:
  Turned(Numbers source, uint64_t slabs)
      : NumberMatrix(source->columns() * slabs, source->rows() / slabs),
        source_(std::move(source)),
        slabs_(slabs) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const uint64_t slab_rows = rows() / slabs_;
    std::vector<float> step;
    for (uint64_t row = 0; row < part.rows;) {
      const uint64_t at = part.first_row + row;
      const uint64_t count = std::min(part.rows - row, slab_rows - at % slab_rows);
      const Rectangle inner{at / slab_rows * columns() + part.first_column, part.columns,
                            at % slab_rows, count};
      auto status = read_slab(files, inner, out.subspan(row * part.columns), step);
      if (!status) return status;
      row += count;
    }
    return {};
  }

 private:
  // `inner` is a rectangle of the source, read in steps of whole tiles.
  Status read_slab(std::span<const ReadFile> files, const Rectangle& inner, std::span<float> out,
                   std::vector<float>& step) const {
    const uint64_t tiles = std::max<uint64_t>(1, kTurnedFloats / inner.columns / kTile);
    for (uint64_t row = 0; row < inner.rows; row += tiles * kTile) {
      const uint64_t rows = std::min(tiles * kTile, inner.rows - row);
      step.resize(rows * inner.columns);
      auto status = source_->read(
          files, {inner.first_row + row, rows, inner.first_column, inner.columns}, step);
      if (!status) return status;
      turn(step.data(), rows, inner.columns, out.data() + row, inner.rows);
    }
    return {};
  }

  Numbers source_;
  uint64_t slabs_;
};

class Reshaped : public NumberMatrix {
 public:
  Reshaped(Numbers source, uint64_t rows, uint64_t columns)
      : NumberMatrix(rows, columns), source_(std::move(source)) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    if (part.columns == columns()) return read_run(files, part.first_row * columns(), out);
    if (columns() <= kShortRow) return read_short_rows(files, part, out);
    for (uint64_t r = 0; r < part.rows; ++r) {
      const uint64_t first = (part.first_row + r) * columns() + part.first_column;
      auto status = read_run(files, first, out.subspan(r * part.columns, part.columns));
      if (!status) return status;
    }
    return {};
  }

 private:
  // Reads several whole rows and cuts out the columns: cheaper than many small reads.
  Status read_short_rows(std::span<const ReadFile> files, const Rectangle& part,
                         std::span<float> out) const {
    const uint64_t step = std::max<uint64_t>(1, (1 << 16) / columns());
    std::vector<float> run;
    for (uint64_t r = 0; r < part.rows; r += step) {
      const uint64_t some = std::min(step, part.rows - r);
      run.resize(some * columns());
      auto status = read_run(files, (part.first_row + r) * columns(), run);
      if (!status) return status;
      for (uint64_t i = 0; i < some; ++i) {
        std::copy_n(run.begin() + i * columns() + part.first_column, part.columns,
                    out.begin() + (r + i) * part.columns);
      }
    }
    return {};
  }

  // The rest of a row of the source, then whole rows, then part of a row.
  Status read_run(std::span<const ReadFile> files, uint64_t first, std::span<float> out) const {
    const uint64_t width = source_->columns();
    while (!out.empty()) {
      const Rectangle part = start_of_run(first, width, out.size());
      const uint64_t count = part.rows * part.columns;
      auto status = source_->read(files, part, out.first(count));
      if (!status) return status;
      first += count;
      out = out.subspan(count);
    }
    return {};
  }

  Numbers source_;
};

}  // namespace

Numbers transposed(Numbers numbers, uint64_t slabs) {
  return std::make_shared<Turned>(std::move(numbers), slabs);
}

Numbers reshaped(Numbers numbers, uint64_t rows, uint64_t columns) {
  return std::make_shared<Reshaped>(std::move(numbers), rows, columns);
}

}  // namespace wmk::checkpoint
