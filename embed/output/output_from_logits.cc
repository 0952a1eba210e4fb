#include "embed/output/output_from_logits.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "embed/output/logit_moments.h"
#include "stats/gemm.h"
#include "stats/symmetric_inverse.h"

namespace wmk::embed {

namespace {

using stats::Op;

constexpr size_t kScoreTile = 256;
constexpr double kGapMin = 10;
constexpr size_t kGapRankMin = 8;
constexpr double kNoisePart = 1e-12;  // of the largest value: below, ratios say nothing

// q = X^T S of all columns, scored.
Status score(LogitBlocks& blocks, const std::vector<double>& solution, unsigned threads,
             Progress* progress, OutputScorer& scorer, std::vector<OutputScorer::Part>& parts) {
  const std::vector<float> s(solution.begin(), solution.end());
  const size_t columns = scorer.columns(), rows = s.size() / columns;
  std::vector<std::vector<float>> buffers(std::max(1u, threads));
  for (size_t block = 0; block < blocks.blocks(); ++block) {
    Status status = blocks.read(block);
    if (!status) return status;
    const size_t count = blocks.count(block), tiles = (count + kScoreTile - 1) / kScoreTile;
    const size_t done = parts.size();
    parts.resize(done + tiles);
    (void)parallel_for(tiles, threads, [&](size_t tile, unsigned w) -> Status {
      const size_t first = tile * kScoreTile, now = std::min(kScoreTile, count - first);
      std::vector<float>& q = buffers[w];
      q.resize(now * columns);
      stats::gemm(Op::transposed, Op::plain, now, columns, rows, &blocks.values()[first], count,
                  s.data(), columns, 0.0f, q.data(), columns);
      scorer.absorb(blocks.first(block) + first, now, q.data(), parts[done + tile]);
      return {};
    });
    if (progress) progress->advance(rows * count * sizeof(float));
  }
  return {};
}

}  // namespace

std::optional<size_t> spectral_gap(const std::vector<double>& values) {
  if (values.empty() || !(values[0] > 0)) return std::nullopt;
  const double floor = std::max(kNoisePart * values[0], -2 * values.back());
  size_t best = 0;
  double ratio = 0;
  for (size_t i = kGapRankMin; i < values.size(); ++i) {
    const double each = std::max(values[i - 1], floor) / std::max(values[i], floor);
    if (each > ratio) {
      ratio = each;
      best = i;
    }
  }
  return ratio >= kGapMin ? std::optional(best) : std::nullopt;
}

Result<LogitsReading> read_output_logits(const Logits& logits, const OutputCarriers& carriers,
                                         const LogitsOptions& options) {
  OutputScorer scorer(carriers);
  LogitBlocks blocks(logits, options.softcap, options.threads);
  LogitsReading out;
  out.rows = logits.rows();
  std::optional<stats::SymmetricInverse> inverse;
  std::vector<double> solution;
  {
    LogitMoments moments(logits.rows(), scorer);
    for (size_t block = 0; block < blocks.blocks(); ++block) {
      Status status = blocks.read(block);
      if (!status) return std::move(status).error();
      moments.add(blocks, block, options.threads);
      if (options.progress) {
        options.progress->advance(logits.rows() * blocks.count(block) * sizeof(float));
      }
    }
    if (Status status = blocks.check_rows(); !status) return std::move(status).error();
    out.columns = moments.used();
    if (out.columns < 2) return malformed("fewer than two columns of the logits differ by row");
    moments.centre(blocks.centre());
    if (options.centre_columns) moments.centre_columns();
    solution = moments.take_products();
    inverse = stats::SymmetricInverse::of(moments.take_gram(), logits.rows());
  }
  if (!inverse || !(inverse->values().front() > 0)) {
    return malformed("the logits have no span: all rows are alike");
  }
  const uint64_t most = logits.rows() - 1;
  const auto gap = spectral_gap(inverse->values());
  out.rank_by_gap = !options.rank && gap;
  out.rank = std::min(options.rank.value_or(gap.value_or(most)), most);
  if (!inverse->apply(out.rank, scorer.columns(), solution)) {
    return malformed("the logits have no span: their Gram matrix cannot be decomposed");
  }
  inverse.reset();
  std::vector<OutputScorer::Part> parts;
  Status status = score(blocks, solution, options.threads, options.progress, scorer, parts);
  if (!status) return std::move(status).error();
  out.output = scorer.finish(parts);
  return out;
}

}  // namespace wmk::embed
