#include "embed/output/logit_blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "base/simd.h"
#include "base/text.h"
#include "embed/output/row_scale.h"

namespace wmk::embed {

namespace {

constexpr uint64_t kLogitBlockElements = 16u << 20;  // 64 MiB of floats
constexpr uint64_t kColumnsMin = 256, kColumnsMax = 4096;
constexpr size_t kLogitRowsAtOnce = 32;
constexpr size_t kColumnsAtOnce = 256;

WMK_VECTORIZED void find_extremes(const float* values, size_t count, float* least, float* most) {
  float low = *least, high = *most;
  for (size_t i = 0; i < count; ++i) {
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  *least = low;
  *most = high;
}

// How many numbers are NaN or plus infinity.
WMK_VECTORIZED size_t count_bad(const float* values, size_t count) {
  size_t bad = 0;
  for (size_t i = 0; i < count; ++i) bad += values[i] <= std::numeric_limits<float>::max() ? 0 : 1;
  return bad;
}

// The number that is more than half of them, if there is one (Boyer and Moore); else any.
float majority(const float* values, size_t count) {
  float candidate = values[0];
  size_t lead = 0;
  for (size_t i = 0; i < count; ++i) {
    if (lead == 0) candidate = values[i];
    lead = values[i] == candidate ? lead + 1 : lead - 1;
  }
  return candidate;
}

WMK_VECTORIZED void merge_extremes(const float* row, size_t count, float* least, float* most) {
  for (size_t j = 0; j < count; ++j) {
    least[j] = row[j] < least[j] ? row[j] : least[j];
    most[j] = row[j] > most[j] ? row[j] : most[j];
  }
}

WMK_VECTORIZED void centre_used(const uint8_t* used, float centre, size_t count, float* row) {
  for (size_t j = 0; j < count; ++j) {
    row[j] = std::bit_cast<float>(blend(used[j] != 0, std::bit_cast<uint32_t>(row[j] - centre), 0));
  }
}

// y of x = cap tanh(y / cap); false if a number is beyond the cap. Minus infinity stays.
bool undo_softcap(double cap, size_t count, float* values) {
  for (size_t i = 0; i < count; ++i) {
    if (std::isinf(values[i])) continue;
    const double part = values[i] / cap;
    if (!(std::abs(part) < 1)) return false;
    values[i] = static_cast<float>(cap * std::atanh(part));
  }
  return true;
}

}  // namespace

LogitBlocks::LogitBlocks(const Logits& logits, std::optional<double> softcap, unsigned threads)
    : logits_(logits), softcap_(softcap), threads_(threads), ranges_(logits.rows()) {
  const uint64_t fitting = kLogitBlockElements / logits.rows() / kColumnsMin * kColumnsMin;
  block_columns_ = std::clamp(fitting, kColumnsMin, kColumnsMax);
}

void LogitBlocks::RowRange::add(const float* values, size_t more) {
  if (count == 0) {
    least = most = values[0];
    commonest = majority(values, more);
  }
  find_extremes(values, more, &least, &most);
  equal += static_cast<uint64_t>(std::count(values, values + more, commonest));
  count += more;
}

Status LogitBlocks::read_row(uint64_t row, size_t block, Bytes& raw) {
  const uint64_t columns = count(block);
  float* values = &values_[row * columns];
  Status status = logits_.read(row, 1, first(block), columns, raw, values);
  if (!status) return status;
  if (count_bad(values, columns) > 0) {
    return malformed(cat(logits_.place_of(row), ": it holds NaN or infinity"));
  }
  ranges_[row].add(values, columns);
  if (!softcap_ || undo_softcap(*softcap_, columns, values)) return {};
  return Error(ErrorCode::invalid_argument,
               cat(logits_.place_of(row), ": logits beyond ", fixed(*softcap_, 1),
                   ", so they were not capped there"));
}

// A column is used if its numbers are finite and differ.
void LogitBlocks::find_used(size_t columns) {
  used_.assign(columns, 0);
  const size_t parts = (columns + kColumnsAtOnce - 1) / kColumnsAtOnce;
  (void)parallel_for(parts, threads_, [&](size_t part, unsigned) -> Status {
    const size_t begin = part * kColumnsAtOnce, size = std::min(kColumnsAtOnce, columns - begin);
    const float* top = &values_[begin];
    std::vector<float> least(top, top + size), most(top, top + size);
    for (uint64_t row = 1; row < logits_.rows(); ++row) {
      merge_extremes(&values_[row * columns + begin], size, least.data(), most.data());
    }
    for (size_t j = 0; j < size; ++j) {
      used_[begin + j] = std::isfinite(least[j]) && least[j] < most[j] ? 1 : 0;
    }
    return {};
  });
}

void LogitBlocks::centre_rows(size_t columns) {
  const auto used = static_cast<size_t>(std::count(used_.begin(), used_.end(), 1));
  const bool fresh = centre_.empty() && used > 0;
  if (fresh) centre_.resize(logits_.rows());
  if (fresh) exponents_ = row_exponents(values_, used_, logits_.rows());
  const size_t parts = (logits_.rows() + kLogitRowsAtOnce - 1) / kLogitRowsAtOnce;
  (void)parallel_for(parts, threads_, [&](size_t part, unsigned) -> Status {
    const uint64_t end = std::min<uint64_t>(logits_.rows(), (part + 1) * kLogitRowsAtOnce);
    for (uint64_t row = part * kLogitRowsAtOnce; row < end; ++row) {
      float* values = &values_[row * columns];
      double sum = 0;
      if (!exponents_.empty()) divide_by_power(exponents_[row], columns, values);
      for (size_t j = 0; fresh && j < columns; ++j) sum += used_[j] != 0 ? values[j] : 0.0;
      if (fresh) centre_[row] = static_cast<float>(sum / static_cast<double>(used));
      centre_used(used_.data(), centre_.empty() ? 0.0f : centre_[row], columns, values);
    }
    return {};
  });
}

Status LogitBlocks::read(size_t block) {
  const uint64_t columns = count(block), rows = logits_.rows();
  values_.resize(rows * columns);
  if (block == 0) ranges_.assign(rows, {});
  std::vector<Bytes> buffers(std::max(1u, threads_));
  const size_t parts = (rows + kLogitRowsAtOnce - 1) / kLogitRowsAtOnce;
  Status status = parallel_for(parts, threads_, [&](size_t part, unsigned w) -> Status {
    const uint64_t end = std::min<uint64_t>(rows, (part + 1) * kLogitRowsAtOnce);
    Status done;
    for (uint64_t row = part * kLogitRowsAtOnce; row < end && done; ++row) {
      done = read_row(row, block, buffers[w]);
    }
    return done;
  });
  if (!status) return status;
  find_used(columns);
  centre_rows(columns);
  return {};
}

Status LogitBlocks::check_rows() const {
  for (uint64_t row = 0; row < ranges_.size(); ++row) {
    const RowRange& each = ranges_[row];
    if (each.least == each.most) {
      return malformed(cat(logits_.place_of(row), ": all ", each.count, " numbers are equal"));
    }
    if (2 * each.equal <= each.count) continue;
    return Error(ErrorCode::unsupported,
                 cat(logits_.place_of(row), ": ", each.equal, " of ", each.count, " numbers are ",
                     to_text(static_cast<double>(each.commonest)),
                     ": a list of the top tokens holds nothing of the head's span"))
        .with_hint("collect the logits, or log-probabilities, of all tokens");
  }
  return {};
}

}  // namespace wmk::embed
