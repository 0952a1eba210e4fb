#include "embed/output/output_marker.h"

#include <cmath>

#include "base/parallel.h"
#include "embed/output/head_rows.h"
#include "embed/output/outlier_columns.h"
#include "embed/output/output_pairs.h"
#include "embed/scheme/rounding.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using checkpoint::Checkpoint;
using stats::Op;

// Sums over rows of y = w u and y^2, by direction.
struct Lengths {
  std::vector<double> sum, squares;
  std::vector<uint8_t> finite;  // by row, of one block
  OutputChange change;

  void add(const Lengths& other) {
    sum.resize(other.sum.size());
    squares.resize(other.sum.size());
    for (size_t p = 0; p < sum.size(); ++p) {
      sum[p] += other.sum[p];
      squares[p] += other.squares[p];
    }
    change += other.change;
  }
  // ||W_c u||: of the rows minus their mean.
  double of(size_t p) const {
    const auto rows = static_cast<double>(change.rows - change.skipped);
    return rows > 0 ? std::sqrt(std::max(0.0, squares[p] - sum[p] * sum[p] / rows)) : 0;
  }
};

// One worker's buffers.
struct Buffers {
  Bytes raw;
  std::vector<float> values, product, delta;
};

Status measure_block(const HeadRows& rows, const OutputPairs& pairs, size_t block, Buffers& buffers,
                     Lengths& out) {
  const uint64_t count = rows.count(block);
  const size_t width = rows.width();
  buffers.values.resize(count * width);
  Status status =
      rows.read(rows.first(block), count, buffers.raw, buffers.values.data(), out.finite);
  if (!status) return status;
  std::vector<float>& y = buffers.product;
  y.resize(count * pairs.count());
  stats::gemm(Op::plain, Op::transposed, count, pairs.count(), width, buffers.values.data(), width,
              pairs.directions(), width, 0.0f, y.data(), pairs.count());
  out.sum.assign(pairs.count(), 0.0);
  out.squares.assign(pairs.count(), 0.0);
  for (uint64_t row = 0, at = 0; row < count; ++row) {
    for (size_t i = 0; i < pairs.count(); ++i, ++at) {
      const double each = y[at];
      out.sum[i] += each;
      out.squares[i] += each * each;
    }
    out.change.skipped += out.finite[row] == 0;
  }
  out.change.rows = count;
  out.change.norm_squared = stats::sum_of_squares(buffers.values.data(), count * width);
  return {};
}

// `finite`: by row of the block.
Status mark_block(const HeadRows& rows, const OutputPairs& pairs, size_t block,
                  const std::vector<uint8_t>& finite, uint64_t seed, Buffers& buffers,
                  OutputChange& change) {
  const uint64_t first = rows.first(block), count = rows.count(block);
  const size_t width = rows.width();
  Status status = rows.read_raw(first, count, buffers.raw);
  if (!status) return status;
  pairs.coefficients(first, count, buffers.product);
  buffers.delta.resize(count * width);
  stats::gemm(Op::plain, Op::plain, count, width, pairs.count(), buffers.product.data(),
              pairs.count(), pairs.directions(), width, 0.0f, buffers.delta.data(), width);
  for (uint64_t row = 0; row < count; ++row) {
    if (finite[row] == 0) continue;
    const float* delta = &buffers.delta[row * width];
    change.difference_squared += stats::sum_of_squares(delta, width);
    add_rounded(rows.tensor().dtype, &buffers.raw[row * rows.row_bytes()], width, 1, delta, seed,
                (first + row) * width);
  }
  return {};
}

}  // namespace

OutputChange& OutputChange::operator+=(const OutputChange& other) {
  difference_squared += other.difference_squared;
  norm_squared += other.norm_squared;
  rows += other.rows;
  skipped += other.skipped;
  return *this;
}

double OutputChange::relative() const {
  return norm_squared > 0 ? std::sqrt(difference_squared / norm_squared) : 0;
}

Result<OutputChange> write_output(const Checkpoint& checkpoint,
                                  const std::vector<OutputMark>& marks,
                                  const OutputMarking& marking,
                                  const checkpoint::CheckpointCopy& copy) {
  const HeadRows rows(checkpoint, marking.head);
  auto left_out = outlier_columns(rows, marking.threads);
  if (!left_out) return std::move(left_out).error();
  OutputPairs pairs(marks, marking.pairs, left_out->flags);
  std::vector<Buffers> buffers(std::max(1u, marking.threads));
  std::vector<Lengths> parts(rows.blocks());
  Status status = parallel_for(rows.blocks(), marking.threads, [&](size_t block, unsigned w) {
    return measure_block(rows, pairs, block, buffers[w], parts[block]);
  });
  if (!status) return std::move(status).error();
  Lengths lengths;
  for (const Lengths& each : parts) lengths.add(each);
  std::vector<double> norms(pairs.count());
  for (size_t i = 0; i < norms.size(); ++i) norms[i] = lengths.of(i);
  pairs.measure(norms, marking.energy);

  // The embedding's name is the seed of a tied head.
  const uint64_t seed = rounding_seed(marking.rounding_key, rows.tensor().name);
  std::vector<const checkpoint::Tensor*> targets = {&rows.tensor()};
  if (marking.head.copy) targets.push_back(&checkpoint.tensors()[*marking.head.copy]);
  std::vector<OutputChange> changes(rows.blocks());
  const auto work = [&](size_t block, unsigned w) -> Status {
    Buffers& own = buffers[w];
    Status done = mark_block(rows, pairs, block, parts[block].finite, seed, own, changes[block]);
    const uint64_t at = rows.first(block) * rows.row_bytes();
    for (size_t t = 0; t < targets.size() && done; ++t) {
      const WriteFile& file = copy.file(targets[t]->file);
      done = file.write_at(targets[t]->offset + at, own.raw);
      file.begin_sync(targets[t]->offset + at, own.raw.size());
    }
    if (marking.progress) marking.progress->advance(own.raw.size() * targets.size());
    return done;
  };
  status = parallel_for(rows.blocks(), marking.threads, work);
  if (!status) return std::move(status).error();
  OutputChange change = lengths.change;
  for (const OutputChange& each : changes) change += each;
  return change;
}

}  // namespace wmk::embed
