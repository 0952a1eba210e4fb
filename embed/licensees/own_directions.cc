#include "embed/licensees/own_directions.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "embed/output/outlier_columns.h"
#include "embed/scheme/keys.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

using stats::Op;

constexpr size_t kOwnIdsTogether = 16;
constexpr size_t kOwnColumns = 64;
constexpr uint64_t kOwnRows = 4096;

}  // namespace

Result<OwnDirections> OwnDirections::read(const checkpoint::Checkpoint& checkpoint,
                                          const OutputHead& head, const OutputCarriers& carriers,
                                          HeadInverse inverse, unsigned threads) {
  const HeadRows rows(checkpoint, head);
  OwnDirections out;
  out.width_ = rows.width();
  const size_t pair_bytes = kCodeBits * out.width_ * sizeof(float);
  out.pairs_ = std::min(output_pairs(rows.rows(), out.width_, 1),
                        std::max<size_t>(1, kSlotRowsBytes / pair_bytes));
  const auto outliers = outlier_columns(rows, threads);
  if (!outliers) return outliers.error();
  out.factor_ = inverse.scale.factor;
  for (size_t c = 0; c < out.width_; ++c) {
    if (outliers->flags[c] != 0) out.factor_[c] = 0;
  }
  out.slot_rows_.resize(out.pairs_ * kCodeBits * out.width_);
  std::vector<float> values(std::min(kOwnRows, rows.rows()) * out.width_);
  std::vector<uint8_t> finite;
  Bytes raw;
  for (uint64_t first = 0; first < rows.rows(); first += kOwnRows) {
    const uint64_t count = std::min(kOwnRows, rows.rows() - first);
    Status status = read_scaled(rows, first, count, inverse.scale, raw, finite, values.data());
    if (!status) return std::move(status).error();
    out.sum_rows(carriers, first, count, values.data(), threads);
  }
  out.inverse_ = std::move(inverse.factor);
  return out;
}

// Each worker adds all rows of its columns in their order, so threads do not matter.
void OwnDirections::sum_rows(const OutputCarriers& carriers, uint64_t first, uint64_t count,
                             const float* rows, unsigned threads) {
  const size_t parts = (width_ + kOwnColumns - 1) / kOwnColumns;
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t from = part * kOwnColumns, end = std::min(from + kOwnColumns, width_);
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t bits = carriers.trace->carriers[first + i];
      const float* row = rows + i * width_;
      for (size_t p = 0; p < pairs_; ++p) {
        float* to = &slot_rows_[(p * kCodeBits + carriers.slots[first + i]) * width_];
        const float sign = (bits >> p & 1) != 0 ? 1.0f : -1.0f;
        for (size_t c = from; c < end; ++c) to[c] += sign * row[c];
      }
    }
    return {};
  });
}

std::vector<double> OwnDirections::scores(const crypto::SecretBytes& trace,
                                          std::span<const std::string> ids,
                                          unsigned threads) const {
  std::vector<double> z(ids.size());
  const size_t parts = (ids.size() + kOwnIdsTogether - 1) / kOwnIdsTogether;
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kOwnIdsTogether;
    score(trace, ids.subspan(first, std::min(kOwnIdsTogether, ids.size() - first)), &z[first]);
    return {};
  });
  return z;
}

void OwnDirections::score(const crypto::SecretBytes& trace, std::span<const std::string> ids,
                          double* z) const {
  // A^-1 u of each pair and id: width_ x columns.
  const size_t columns = pairs_ * ids.size();
  WipedVector<float> solved(width_ * columns);
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto signs = output_directions(licensee_directions_key(trace, ids[i]), pairs_, width_);
    for (size_t p = 0; p < pairs_; ++p) {
      for (size_t c = 0; c < width_; ++c) {
        solved[c * columns + p * ids.size() + i] =
            factor_[c] * static_cast<float>(signs[p * width_ + c]);
      }
    }
  }
  inverse_.solve(columns, solved.data());
  std::vector<float> sums(kCodeBits * ids.size());  // s, by slot, by id
  for (size_t p = 0; p < pairs_; ++p) {
    stats::gemm(Op::plain, Op::plain, kCodeBits, ids.size(), width_,
                &slot_rows_[p * kCodeBits * width_], width_, &solved[p * ids.size()], columns,
                p == 0 ? 0.0f : 1.0f, sums.data(), ids.size());
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto code = output_code(trace, ids[i]);
    double product = 0, squares = 0;
    for (size_t j = 0; j < kCodeBits; ++j) {
      const double s = sums[j * ids.size() + i];
      product += code[j] * s;
      squares += s * s;
    }
    z[i] = squares > 0 ? product / std::sqrt(squares) : 0;
  }
}

double own_directions_expected_z(uint64_t rows, size_t pairs) {
  const double squares =
      static_cast<double>(pairs) * output_energy(1) * static_cast<double>(rows) / 2;
  return std::sqrt(squares / (1 + squares / static_cast<double>(kCodeBits)));
}

}  // namespace wmk::embed
