#include "stats/row_products.h"

#include <algorithm>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/tile_pack.h"

namespace wmk::stats {

namespace {

// Rows of A that a worker takes at a time; a multiple of the tile's side.
constexpr size_t kPanel = 256;

size_t whole_tiles(size_t rows) { return (rows + kTileSide - 1) / kTileSide * kTileSide; }

struct Packed {
  LeftOperand high, low;
};

// Rows are filled up with zeros to whole tiles.
Packed pack(std::span<const float> values, size_t rows, size_t width, TilePrecision precision) {
  std::vector<float> filled;
  const float* from = values.data();
  const size_t padded = whole_tiles(rows);
  if (padded != rows) {
    filled.assign(values.begin(), values.begin() + static_cast<ptrdiff_t>(rows * width));
    filled.resize(padded * width);
    from = filled.data();
  }
  Packed out;
  if (precision == TilePrecision::two_terms) {
    pack_split(from, padded, width, out.high, out.low);
  } else {
    pack_rounded(from, padded, width, out.high);
  }
  return out;
}

}  // namespace

RowProducts::RowProducts(std::span<const float> b, size_t rows, size_t width,
                         TilePrecision precision)
    : rows_(rows),
      width_(width),
      stride_(rows),
      tiled_(has_tiles() && width % kTileDepth == 0),
      precision_(precision) {
  if (!tiled_) {
    plain_.assign(b.begin(), b.end());
    return;
  }
  stride_ = whole_tiles(rows);
  const Packed packed = pack(b, rows, width, precision);
  turn(packed.high, high_);
  if (precision == TilePrecision::two_terms) turn(packed.low, low_);
}

void RowProducts::of(std::span<const float> a, size_t count, unsigned threads,
                     std::vector<float>& c) const {
  c.resize(whole_tiles(count) * stride_);
  const size_t panels = (count + kPanel - 1) / kPanel;
  const auto work = [&](size_t panel, unsigned) -> Status {
    const size_t first = panel * kPanel, rows = std::min(kPanel, count - first);
    const auto part = a.subspan(first * width_, rows * width_);
    float* out = &c[first * stride_];
    if (tiled_) {
      on_tiles(part, rows, out);
    } else {
      gemm(Op::plain, Op::transposed, rows, rows_, width_, part.data(), width_, plain_.data(),
           width_, 0.0f, out, stride_);
    }
    return {};
  };
  (void)parallel_for(panels, threads, work);  // no panel fails
}

void RowProducts::on_tiles(std::span<const float> a, size_t count, float* c) const {
  const Packed packed = pack(a, count, width_, precision_);
  if (precision_ == TilePrecision::one_term) {
    const Term term{&packed.high, &high_};
    tile_gemm({&term, 1}, c, stride_);
  } else {
    const Term terms[] = {{&packed.high, &high_}, {&packed.high, &low_}, {&packed.low, &high_}};
    tile_gemm(terms, c, stride_);
  }
}

}  // namespace wmk::stats
