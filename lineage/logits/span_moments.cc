#include "lineage/logits/span_moments.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "base/text.h"
#include "embed/output/logit_blocks.h"
#include "lineage/logits/token_rows.h"
#include "lineage/model/sampling.h"
#include "stats/tiled_product.h"

namespace wmk::lineage {

namespace {

using stats::Factor;
using stats::Op;
using stats::Triangle;

constexpr size_t kTokensPerDimension = 4;

class SpanSummer {
 public:
  SpanSummer(const SpanSources& sources, embed::ColumnScale scale)
      : sources_(sources),
        scale_(std::move(scale)),
        head_(sources.reference, sources.head),
        blocks_(sources.logits, std::nullopt, sources.threads),
        random_(sources.seed) {
    const uint64_t rows = sources.logits.rows();
    out_.rows = std::min<uint64_t>(rows, kSpanRowsMax);
    for (size_t i = 0; i < out_.rows; ++i) picked_.push_back(i * rows / out_.rows);
    out_.width = head_.width();
    out_.gram.resize(out_.rows * out_.rows);
    out_.head = stats::SymmetricTiles<double>(out_.width);
    out_.cross.assign(1 + kSpanControls, std::vector<double>(out_.rows * out_.width));
    logit_sums_.resize(out_.rows);
    head_sums_.resize(out_.width);
  }

  Result<SpanMoments> run() {
    for (size_t block = 0; block < blocks_.blocks(); ++block) {
      if (Status status = add_block(block); !status) return std::move(status).error();
      if (sources_.progress) {
        sources_.progress->advance(sources_.logits.rows() * blocks_.count(block) * sizeof(float));
      }
    }
    if (Status status = blocks_.check_rows(); !status) return std::move(status).error();
    if (out_.tokens < kTokensPerDimension * out_.width) {
      return Error(
          ErrorCode::invalid_argument,
          cat("the logits and the reference have ", out_.tokens, " tokens in common; at least ",
              kTokensPerDimension * out_.width, " are needed for a head of width ", out_.width));
    }
    centre();
    return std::move(out_);
  }

 private:
  // Those whose columns lie in the block and are used, and whose rows are.
  std::vector<SharedToken> tokens_of(const std::vector<SharedToken>& all, size_t block) const {
    const uint64_t first = blocks_.first(block), end = first + blocks_.count(block);
    std::vector<SharedToken> out;
    const auto begin =
        std::lower_bound(all.begin(), all.end(), first,
                         [](const SharedToken& token, uint64_t at) { return token.column < at; });
    for (auto each = begin; each != all.end() && each->column < end; ++each) {
      if (blocks_.used()[each->column - first] != 0 && scale_.used[each->row] != 0) {
        out.push_back(*each);
      }
    }
    return out;
  }

  // Columns of the picked rows: tokens x rows.
  std::vector<float> logits_of(const std::vector<SharedToken>& tokens, size_t block) const {
    const uint64_t first = blocks_.first(block), count = blocks_.count(block);
    std::vector<float> out(tokens.size() * out_.rows);
    for (size_t row = 0; row < out_.rows; ++row) {
      const float* values = &blocks_.values()[picked_[row] * count];
      for (size_t t = 0; t < tokens.size(); ++t) {
        out[t * out_.rows + row] = values[tokens[t].column - first];
      }
    }
    return out;
  }

  Status add_block(size_t block) {
    if (Status status = blocks_.read(block); !status) return status;
    const auto trained = tokens_of(sources_.tokens.trained, block);
    const auto untouched = tokens_of(sources_.tokens.untouched, block);
    const auto rows = head_rows_of(head_, scale_, trained, sources_.threads);
    const auto apart = head_rows_of(head_, scale_, untouched, sources_.threads);
    if (!rows) return rows.error();
    if (!apart) return apart.error();
    const std::vector<float> logits = logits_of(trained, block);
    const std::vector<float> logits_apart = logits_of(untouched, block);
    add_sums(logits, *rows, trained.size());
    out_.untouched += untouched.size();
    out_.untouched_logits.insert(out_.untouched_logits.end(), logits_apart.begin(),
                                 logits_apart.end());
    out_.untouched_rows.insert(out_.untouched_rows.end(), apart->begin(), apart->end());
    return {};
  }

  void add_sums(const std::vector<float>& logits, const std::vector<float>& rows, size_t tokens) {
    const size_t n = out_.rows, d = out_.width;
    const Factor x{Op::transposed, logits.data(), n};
    stats::add_product(n, n, tokens, x, {Op::plain, logits.data(), n}, Triangle::upper,
                       sources_.threads, out_.gram.data());
    out_.head.add_moment(rows.data(), tokens, sources_.threads);
    stats::add_product(n, d, tokens, x, {Op::plain, rows.data(), d}, Triangle::both,
                       sources_.threads, out_.cross[0].data());
    for (size_t c = 1; c < out_.cross.size(); ++c) {
      const std::vector<float> permuted = permuted_rows(rows, tokens);
      stats::add_product(n, d, tokens, x, {Op::plain, permuted.data(), d}, Triangle::both,
                         sources_.threads, out_.cross[c].data());
    }
    for (size_t t = 0; t < tokens; ++t) {
      for (size_t i = 0; i < n; ++i) logit_sums_[i] += static_cast<double>(logits[t * n + i]);
      for (size_t j = 0; j < d; ++j) head_sums_[j] += static_cast<double>(rows[t * d + j]);
    }
    out_.tokens += tokens;
  }

  std::vector<float> permuted_rows(const std::vector<float>& rows, size_t tokens) {
    const size_t d = out_.width;
    std::vector<float> out(rows.size());
    for (size_t first = 0; first < tokens; first += kSpanBand) {
      std::vector<size_t> order(std::min(kSpanBand, tokens - first));
      std::iota(order.begin(), order.end(), first);
      shuffle(random_, order);
      for (size_t i = 0; i < order.size(); ++i) {
        std::copy_n(&rows[order[i] * d], d, &out[(first + i) * d]);
      }
    }
    return out;
  }

  // Subtracts the means over the tokens.
  void centre() {
    const size_t n = out_.rows, d = out_.width;
    const auto count = static_cast<double>(out_.tokens);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = i; j < n; ++j) {
        out_.gram[i * n + j] -= logit_sums_[i] * logit_sums_[j] / count;
        out_.gram[j * n + i] = out_.gram[i * n + j];
      }
      for (std::vector<double>& cross : out_.cross) {
        for (size_t j = 0; j < d; ++j) {
          cross[i * d + j] -= logit_sums_[i] * head_sums_[j] / count;
        }
      }
    }
    out_.head.subtract_square(head_sums_, count);
  }

  const SpanSources& sources_;
  const embed::ColumnScale scale_;
  const embed::HeadRows head_;
  embed::LogitBlocks blocks_;
  std::mt19937_64 random_;
  std::vector<uint64_t> picked_;
  SpanMoments out_;
  std::vector<double> logit_sums_, head_sums_;
};

}  // namespace

Result<SpanMoments> span_moments(const SpanSources& sources) {
  const embed::HeadRows head(sources.reference, sources.head);
  auto scale = embed::column_scale(head, sources.threads);
  if (!scale) return std::move(scale).error();
  return SpanSummer(sources, *std::move(scale)).run();
}

}  // namespace wmk::lineage
