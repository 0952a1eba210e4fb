#include "neurons/rows/token_rows.h"

#include <cmath>

#include "base/parallel.h"

namespace wmk::neurons {

Status TokenRows::read(uint64_t first, uint64_t count, Rows& out) const {
  const checkpoint::Anatomy& anatomy = *model_.anatomy;
  out = {count, anatomy.width, std::vector<float>(count * anatomy.width)};
  return parallel_for(count, threads_, [&](size_t i, unsigned) -> Status {
    Rows one;
    const uint64_t place = (first + i) * anatomy.vocabulary / wanted_;
    Status status =
        read_matrix_rows(*model_.checkpoint, anatomy.token_embedding, anatomy.width, place, 1, one);
    if (!status) return status;
    for (size_t c = 0; c < one.width; ++c) {
      out.row(i)[c] = std::isfinite(one.values[c]) ? one.values[c] : 0.0f;
    }
    return {};
  });
}

}  // namespace wmk::neurons
