#include "embed/output/head_rows.h"

#include <cmath>

#include "checkpoint/numbers/widen.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr uint64_t kBlockElements = 1ull << 20;  // 4 MiB of floats
constexpr uint64_t kBlockRowsMin = 64, kBlockRowsMax = 4096;

}  // namespace

HeadRows::HeadRows(const checkpoint::Checkpoint& checkpoint, const OutputHead& head)
    : checkpoint_(&checkpoint),
      tensor_(&checkpoint.tensors()[head.tensor]),
      rows_(head.rows),
      width_(tensor_->shape[1]) {
  block_rows_ =
      std::clamp(kBlockElements / std::max<uint64_t>(1, width_), kBlockRowsMin, kBlockRowsMax);
}

Status HeadRows::read_raw(uint64_t first, uint64_t count, Bytes& raw) const {
  raw.resize(count * row_bytes());
  return checkpoint_->read(*tensor_, first * row_bytes(), raw);
}

Status HeadRows::read(uint64_t first, uint64_t count, Bytes& raw, float* out,
                      std::vector<uint8_t>& finite) const {
  Status status = read_raw(first, count, raw);
  if (!status) return status;
  checkpoint::widen(tensor_->dtype, raw, {out, count * width_});
  finite.resize(count);
  for (uint64_t i = 0; i < count; ++i) {
    float* row = out + i * width_;
    finite[i] = std::isfinite(stats::sum_of_squares(row, width_)) ? 1 : 0;
    if (finite[i] == 0) std::fill(row, row + width_, 0.0f);
  }
  return {};
}

}  // namespace wmk::embed
