#include "embed/mark/back_projection.h"

#include <array>
#include <span>

#include "base/transpose.h"
#include "stats/bf16/pack.h"
#include "stats/gemm.h"

namespace wmk::embed {

BackProjection::BackProjection(std::span<const float> frames, size_t columns, size_t width)
    : frames_(frames),
      columns_(columns),
      width_(width),
      fits_(columns % stats::kTileDepth == 0 && width % stats::kTileSide == 0) {
  if (!fits_) return;
  stats::pack(transposed(frames, columns, width).data(), width, columns,
              stats::TilePrecision::two_terms, high_left_, low_left_);
  stats::transpose(high_left_, high_);
  stats::transpose(low_left_, low_);
}

void BackProjection::pack(const Changes& changes, Packed& packed) const {
  if (!in_bf16(changes)) return;
  stats::pack_exact(changes.values, columns_, changes.units, packed.columns);
  if (changes.by_unit) stats::transpose(packed.columns, packed.rows);
}

void BackProjection::strip(const Changes& changes, const Packed& packed, size_t first, size_t count,
                           float* delta) const {
  if (!in_bf16(changes)) return exact_strip(frames_, width_, changes, first, count, delta);
  const std::array by_unit = {stats::Term{&packed.rows, &high_}, stats::Term{&packed.rows, &low_}};
  const std::array by_width = {stats::Term{&high_left_, &packed.columns},
                               stats::Term{&low_left_, &packed.columns}};
  const std::span<const stats::Term> terms = changes.by_unit ? by_unit : by_width;
  const size_t columns = changes.by_unit ? width_ : changes.units;
  stats::bf16_gemm_part(terms.first(changes.precise ? 2 : 1), first, count, columns, delta,
                        columns);
}

void BackProjection::exact_strip(std::span<const float> frames, size_t width,
                                 const Changes& changes, size_t first, size_t count, float* delta) {
  using stats::Op;
  const size_t columns = frames.size() / width, units = changes.units;
  if (changes.by_unit) {
    stats::gemm(Op::transposed, Op::plain, count, width, columns, changes.values + first,
                changes.stride, frames.data(), width, 0.0f, delta, width);
  } else {
    stats::gemm(Op::transposed, Op::plain, count, units, columns, frames.data() + first, width,
                changes.values, changes.stride, 0.0f, delta, units);
  }
}

}  // namespace wmk::embed
