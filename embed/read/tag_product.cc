#include "embed/read/tag_product.h"

#include "stats/bf16/pack.h"
#include "stats/gemm.h"

namespace wmk::embed {

void TagProduct::set_coordinates(const float* y, size_t r, size_t units) {
  y_ = y;
  r_ = r;
  units_ = units;
  fits_ = r % stats::kTileSide == 0 && units % stats::kTileDepth == 0;
  if (!fits_) return;
  stats::pack_rounded(y, r, units, rows_);
  stats::transpose(rows_, y_turned_);
}

void TagProduct::multiply(const std::vector<float>& tags, size_t m, std::vector<float>& product) {
  using stats::Op;
  product.resize(m * r_);
  if (!fits_ || m % stats::kTileSide != 0) {
    return stats::gemm(Op::plain, Op::transposed, m, r_, units_, tags.data(), units_, y_, units_,
                       0.0f, product.data(), r_);
  }
  stats::pack_rounded(tags.data(), m, units_, rows_);
  const stats::Term term{&rows_, &y_turned_};
  stats::bf16_gemm({&term, 1}, product.data(), r_);
}

}  // namespace wmk::embed
