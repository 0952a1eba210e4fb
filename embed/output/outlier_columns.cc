#include "embed/output/outlier_columns.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "stats/second_moment.h"
#include "stats/symmetric_tiles.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

constexpr size_t kOutlierPart = 32;
constexpr float kNear = 0.01f;  // of the bound; a mark changes entries of A^-1 by less
constexpr size_t kPanelRows = 256;
constexpr double kSampleRidge = 1e-3;

// Second moments of a sample of rows, twice as many as columns: panels at even distances.
class SampledMoments {
 public:
  explicit SampledMoments(const HeadRows& rows)
      : rows_(rows),
        width_(rows.width()),
        exact_(rows.tensor().dtype == checkpoint::DType::bf16),
        a_(width_),
        sum_(width_) {}

  Status sum(unsigned threads) {
    const size_t panels = (2 * width_ + kPanelRows - 1) / kPanelRows;
    const uint64_t count = std::min<uint64_t>(kPanelRows, rows_.rows() / panels);
    Bytes raw;
    std::vector<uint8_t> finite;
    std::vector<float> values(count * width_);
    for (size_t panel = 0; panel < panels; ++panel) {
      Status status = rows_.read(panel * rows_.rows() / panels, count, raw, values.data(), finite);
      if (!status) return status;
      if (exact_) stats::add_rounded_moment(values.data(), count, width_, threads, a_);
      if (!exact_) a_.add_moment(values.data(), count, threads);
      for (size_t i = 0; i < values.size(); i += width_) {
        for (size_t c = 0; c < width_; ++c) sum_[c] += values[i + c];
      }
    }
    a_.subtract_square(sum_, static_cast<double>(panels * count));
    return {};
  }

  // The diagonal of the inverse; empty where there is none.
  std::vector<float> inverse_diagonal(unsigned threads) {
    if (a_.factor(kSampleRidge, threads) < 0) return {};
    return a_.inverse_diagonal(threads);
  }

 private:
  const HeadRows& rows_;
  size_t width_;
  bool exact_;  // the rows fit into bf16 as they are
  stats::SymmetricTiles<float> a_;
  std::vector<double> sum_;
};

}  // namespace

Result<OutlierColumns> outlier_columns(const HeadRows& rows, unsigned threads, OutlierPart part) {
  const size_t width = rows.width();
  OutlierColumns out{std::vector<uint8_t>(width)};
  const size_t count = width / kOutlierPart * (part == OutlierPart::possible ? 2 : 1);
  if (rows.rows() < 2 * width || count == 0) return out;
  SampledMoments moments(rows);
  Status status = moments.sum(threads);
  if (!status) return std::move(status).error();
  const std::vector<float> inverse = moments.inverse_diagonal(threads);
  if (inverse.empty()) return out;
  std::vector<size_t> order(width);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return inverse[i] > inverse[j]; });
  for (size_t i = 0; i < count; ++i) out.flags[order[i]] = 1;
  const float bound = inverse[order[count]];
  for (const float each : inverse) out.open += std::abs(each - bound) <= kNear * bound;
  return out;
}

}  // namespace wmk::embed
