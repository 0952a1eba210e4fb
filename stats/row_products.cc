#include "stats/row_products.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/transpose.h"
#include "stats/gemm.h"

namespace wmk::stats {

namespace {

// Rows of A in one task; a multiple of the side of a tile.
constexpr size_t kPanel = 256;

// Columns that are mirrored together.
constexpr size_t kMirrored = 64;

size_t panels(size_t rows) { return (rows + kPanel - 1) / kPanel; }

// Rows of zeros fill the last tile.
void pack_whole_tiles(std::span<const float> values, size_t rows, size_t width,
                      TilePrecision precision, RowProducts::PackedRows& out) {
  std::vector<float> filled;
  const float* from = values.data();
  const size_t padded = whole_tiles(rows);
  if (padded != rows) {
    filled.assign(values.begin(), values.begin() + static_cast<ptrdiff_t>(rows * width));
    filled.resize(padded * width);
    from = filled.data();
  }
  pack(from, padded, width, precision, out.high, out.low);
}

}  // namespace

RowProducts::RowProducts(size_t rows, size_t width, TilePrecision precision)
    : rows_(rows),
      width_(width),
      stride_(width % kTileDepth == 0 ? whole_tiles(rows) : rows),
      tiled_(width % kTileDepth == 0),
      precision_(precision) {}

RowProducts::RowProducts(std::span<const float> b, size_t rows, size_t width,
                         TilePrecision precision, unsigned threads)
    : RowProducts(rows, width, precision) {
  if (tiled_) {
    pack_rows(b, threads);
  } else {
    plain_.assign(b.begin(), b.end());
  }
}

void RowProducts::pack_rows(std::span<const float> b, unsigned threads) {
  const bool has_low = precision_ == TilePrecision::two_terms;
  high_.resize(width_, stride_);
  if (has_low) low_.resize(width_, stride_);
  std::vector<PackedRows> packed(std::max(1u, threads));
  (void)parallel_for(panels(rows_), threads, [&](size_t panel, unsigned worker) -> Status {
    const size_t first = panel * kPanel, count = std::min(kPanel, rows_ - first);
    auto& [high, low] = packed[worker];
    pack_whole_tiles(b.subspan(first * width_, count * width_), count, width_, precision_,
                     packed[worker]);
    transpose(high, first, high_);
    if (has_low) transpose(low, first, low_);
    return {};
  });
}

RowProducts RowProducts::from_columns(std::span<const float> columns, size_t rows, size_t width,
                                      unsigned threads) {
  if (width % kTileDepth != 0 || rows % kTileSide != 0) {
    return {transposed(columns, width, rows), rows, width, TilePrecision::one_term, threads};
  }
  RowProducts out(rows, width, TilePrecision::one_term);
  out.high_.resize(width, rows);
  (void)parallel_for(width / kTileDepth, threads, [&](size_t tile, unsigned) -> Status {
    pack_rounded_rows(columns.data(), tile * kTileDepth, kTileDepth, out.high_);
    return {};
  });
  return out;
}

void RowProducts::of(std::span<const float> a, size_t count, unsigned threads,
                     std::vector<float>& c, size_t columns) const {
  c.resize(whole_tiles(count) * stride_);
  std::vector<PackedRows> packed(std::max(1u, threads));
  const auto work = [&](size_t panel, unsigned worker) -> Status {
    const size_t first = panel * kPanel;
    rows_of(a, first, std::min(kPanel, count - first), columns, packed[worker], c);
    return {};
  };
  (void)parallel_for(panels(count), threads, work);  // no panel fails
}

void RowProducts::of(std::span<const float> a, size_t count, PackedRows& packed,
                     std::vector<float>& c) const {
  c.resize(whole_tiles(count) * stride_);
  for (size_t first = 0; first < count; first += kPanel) {
    rows_of(a, first, std::min(kPanel, count - first), rows_, packed, c);
  }
}

void RowProducts::of_itself(std::span<const float> b, unsigned threads,
                            std::vector<float>& c) const {
  c.resize(whole_tiles(rows_) * stride_);
  // The last panels are the longest; they start first.
  std::vector<PackedRows> packed(std::max(1u, threads));
  const auto lower = [&](size_t panel, unsigned worker) -> Status {
    const size_t first = (panels(rows_) - 1 - panel) * kPanel;
    const size_t end = std::min(rows_, first + kPanel);
    rows_of(b, first, end - first, end, packed[worker], c);
    return {};
  };
  const auto upper = [&](size_t panel, unsigned) -> Status {
    const size_t first = panel * kPanel, end = std::min(rows_, first + kPanel);
    for (size_t from = first; from < rows_; from += kMirrored) {
      const size_t last = std::min(rows_, from + kMirrored);
      for (size_t i = first; i < end; ++i) {
        for (size_t j = std::max(from, i + 1); j < last; ++j) {
          c[i * stride_ + j] = c[j * stride_ + i];
        }
      }
    }
    return {};
  };
  (void)parallel_for(panels(rows_), threads, lower);
  (void)parallel_for(panels(rows_), threads, upper);
}

void RowProducts::rows_of(std::span<const float> a, size_t first, size_t count, size_t columns,
                          PackedRows& packed, std::vector<float>& c) const {
  const auto part = a.subspan(first * width_, count * width_);
  float* out = &c[first * stride_];
  if (!tiled_) {
    return gemm(Op::plain, Op::transposed, count, columns, width_, part.data(), width_,
                plain_.data(), width_, 0.0f, out, stride_);
  }
  pack_whole_tiles(part, count, width_, precision_, packed);
  const Term terms[] = {{&packed.high, &high_}, {&packed.high, &low_}, {&packed.low, &high_}};
  bf16_gemm_part(std::span(terms, precision_ == TilePrecision::one_term ? 1 : 3), 0,
                 packed.high.m(), whole_tiles(columns), out, stride_);
}

}  // namespace wmk::stats
