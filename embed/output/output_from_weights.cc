#include "embed/output/output_from_weights.h"

#include <algorithm>
#include <numeric>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/output/column_scale.h"
#include "stats/tiled_product.h"

namespace wmk::embed {

namespace {

using stats::Op;

constexpr size_t kDoubleWidthMax = 8192;  // wider heads are summed in floats, to halve the memory
constexpr size_t kStripElements = 4u << 20;  // rows that are multiplied together: 16 MiB of floats
constexpr size_t kStripRowsMax = 4096;
constexpr size_t kChunkRows = 256;
constexpr double kRidgePart = 1e-9;

struct Worker {
  Bytes raw;
  std::vector<uint8_t> finite;
  std::vector<float> values, product;
};

// A = W_c^T W_c and B = W_c^T c', of scaled columns.
template <class T>
class HeadMoments {
 public:
  HeadMoments(const HeadRows& rows, const ColumnScale& scale, const OutputScorer& scorer)
      : rows_(rows),
        scale_(scale),
        scorer_(scorer),
        width_(rows.width()),
        columns_(scorer.columns()),
        a_(width_),
        b_(width_ * columns_) {
    const size_t fitting = std::max(kChunkRows, kStripElements / width_ / kChunkRows * kChunkRows);
    strip_rows_ = std::min(kStripRowsMax, fitting);
  }

  Status sum(unsigned threads, Progress* progress) {
    std::vector<Worker> workers(std::max(1u, threads));
    strip_.resize(strip_rows_ * width_);
    partners_.resize(strip_rows_ * columns_);
    for (uint64_t first = 0; first < rows_.rows(); first += strip_rows_) {
      const uint64_t count = std::min<uint64_t>(strip_rows_, rows_.rows() - first);
      Status status = read_strip(first, count, threads, workers);
      if (!status) return status;
      multiply_strip(count, threads);
      if (progress) progress->advance(count * rows_.row_bytes());
    }
    return {};
  }

  // A^-1 B as floats, in place of both; false if the head is constant.
  bool solve(unsigned threads, std::vector<float>& out) {
    if (a_.factor(kRidgePart, threads) < 0) return false;
    a_.solve(columns_, b_.data());
    out.assign(b_.begin(), b_.end());
    return true;
  }
  const stats::SymmetricTiles<T>& factored() const { return a_; }

 private:
  Status read_strip(uint64_t first, uint64_t count, unsigned threads, std::vector<Worker>& workers);
  void multiply_strip(uint64_t count, unsigned threads);

  const HeadRows& rows_;
  const ColumnScale& scale_;
  const OutputScorer& scorer_;
  size_t width_, columns_, strip_rows_ = 0;
  stats::SymmetricTiles<T> a_;
  std::vector<T> b_;
  std::vector<float> strip_, partners_;
};

template <class T>
Status HeadMoments<T>::read_strip(uint64_t first, uint64_t count, unsigned threads,
                                  std::vector<Worker>& workers) {
  const size_t chunks = (count + kChunkRows - 1) / kChunkRows;
  return parallel_for(chunks, threads, [&](size_t chunk, unsigned w) {
    const uint64_t at = chunk * kChunkRows, now = std::min<uint64_t>(kChunkRows, count - at);
    scorer_.partners(first + at, now, &partners_[at * columns_]);
    return read_scaled(rows_, first + at, now, scale_, workers[w].raw, workers[w].finite,
                       &strip_[at * width_]);
  });
}

template <class T>
void HeadMoments<T>::multiply_strip(uint64_t count, unsigned threads) {
  const stats::Factor left{Op::transposed, strip_.data(), width_};
  a_.add_moment(strip_.data(), count, threads);
  const stats::Factor partners{Op::plain, partners_.data(), columns_};
  stats::add_product(width_, columns_, count, left, partners, stats::Triangle::both, threads,
                     b_.data());
}

template <class T>
Result<std::vector<float>> solution(const HeadRows& rows, const ColumnScale& scale,
                                    const OutputScorer& scorer, unsigned threads,
                                    Progress* progress, HeadInverse* inverse) {
  HeadMoments<T> moments(rows, scale, scorer);
  Status status = moments.sum(threads, progress);
  if (!status) return std::move(status).error();
  std::vector<float> out;
  if (moments.solve(threads, out)) {
    if (inverse) *inverse = {scale, stats::SymmetricTiles<float>(moments.factored())};
    return out;
  }
  return Error(ErrorCode::malformed, "the output head is constant")
      .within(cat("tensor '", escaped(rows.tensor().name), "'"));
}

}  // namespace

Result<OutputReading> read_output_weights(const checkpoint::Checkpoint& checkpoint,
                                          const OutputHead& head, const OutputCarriers& carriers,
                                          unsigned threads, Progress* progress,
                                          HeadInverse* inverse) {
  const HeadRows rows(checkpoint, head);
  auto scale = column_scale(rows, threads, carriers.used);
  if (!scale) return std::move(scale).error();
  OutputScorer scorer(carriers);
  const size_t width = rows.width(), columns = scorer.columns();
  auto solved = width <= kDoubleWidthMax
                    ? solution<double>(rows, *scale, scorer, threads, progress, inverse)
                    : solution<float>(rows, *scale, scorer, threads, progress, inverse);
  if (!solved) return std::move(solved).error();

  std::vector<Worker> workers(std::max(1u, threads));
  std::vector<OutputScorer::Part> parts(rows.blocks());
  std::vector<uint64_t> used(rows.blocks());
  Status status = parallel_for(rows.blocks(), threads, [&](size_t block, unsigned w) -> Status {
    Worker& own = workers[w];
    const uint64_t first = rows.first(block), count = rows.count(block);
    own.values.resize(count * width);
    Status read = read_scaled(rows, first, count, *scale, own.raw, own.finite, own.values.data());
    if (!read) return read;
    for (uint64_t i = 0; i < count; ++i) {
      used[block] += own.finite[i] != 0 && scale->used[first + i] != 0 ? 1 : 0;
    }
    own.product.resize(count * columns);
    stats::gemm(Op::plain, Op::plain, count, columns, width, own.values.data(), width,
                solved->data(), columns, 0.0f, own.product.data(), columns);
    scorer.absorb(first, count, own.product.data(), parts[block]);
    return {};
  });
  if (!status) return std::move(status).error();
  OutputReading out = scorer.finish(parts);
  out.used_rows = std::accumulate(used.begin(), used.end(), uint64_t{0});
  return out;
}

}  // namespace wmk::embed
