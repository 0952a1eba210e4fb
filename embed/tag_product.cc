#include "embed/tag_product.h"

#include <array>

#include "stats/gemm.h"
#include "stats/tile_pack.h"

namespace wmk::embed {

void TagProduct::set_coordinates(const float* y, size_t r, size_t units) {
  y_ = y;
  r_ = r;
  units_ = units;
  tiles_ = r % stats::kTileSide == 0 && units % stats::kTileDepth == 0 && stats::has_tiles();
  if (!tiles_) return;
  stats::pack_split(y, r, units, rows_, low_rows_);
  stats::turn(rows_, y_high_);
  stats::turn(low_rows_, y_low_);
}

void TagProduct::multiply(const std::vector<float>& tags, size_t m, TagRule rule,
                          std::vector<float>& product) {
  using stats::Op;
  using stats::Term;
  product.resize(m * r_);
  if (!tiles_ || m % stats::kTileSide != 0) {
    return stats::gemm(Op::plain, Op::transposed, m, r_, units_, tags.data(), units_, y_, units_,
                       0.0f, product.data(), r_);
  }
  if (rule == TagRule::hard) {
    stats::pack_exact(tags.data(), m, units_, rows_);
    const std::array terms = {Term{&rows_, &y_high_}, Term{&rows_, &y_low_}};
    return stats::tile_gemm(terms, product.data(), r_);
  }
  stats::pack_split(tags.data(), m, units_, rows_, low_rows_);
  const std::array terms = {Term{&low_rows_, &y_high_}, Term{&rows_, &y_high_},
                            Term{&rows_, &y_low_}};
  stats::tile_gemm(terms, product.data(), r_);
}

}  // namespace wmk::embed
