#include "lineage/align/embedding_basis.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/parallel.h"
#include "base/text.h"
#include "base/transpose.h"
#include "lineage/model/embedding_rows.h"
#include "lineage/model/progress_stage.h"
#include "lineage/model/row_cosines.h"
#include "stats/assignment.h"
#include "stats/polar.h"
#include "stats/second_moment.h"

namespace wmk::lineage {

namespace {

constexpr size_t kTokensATime = 1024;
constexpr size_t kTokensMin = 32;
constexpr size_t kMeanColumns = 512;  // that one task adds up

std::span<const uint64_t> batch_of(const std::vector<uint64_t>& rows, size_t first) {
  return std::span(rows).subspan(first, std::min(kTokensATime, rows.size() - first));
}

// Column means over the matched tokens.
Result<std::vector<float>> embedding_mean(const Side& side, const std::vector<uint64_t>& rows,
                                          unsigned threads) {
  const size_t width = side.width();
  std::vector<double> sum(width);
  for (size_t first = 0; first < rows.size(); first += kTokensATime) {
    auto values = embedding_rows(side, batch_of(rows, first), threads);
    if (!values) return std::move(values).error();
    const size_t parts = (width + kMeanColumns - 1) / kMeanColumns;
    (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
      const size_t begin = part * kMeanColumns, end = std::min(width, begin + kMeanColumns);
      for (size_t at = 0; at < values->size(); at += width) {
        for (size_t j = begin; j < end; ++j) sum[j] += (*values)[at + j];
      }
      return {};
    });
  }
  std::vector<float> mean(width);
  for (size_t j = 0; j < width; ++j) {
    mean[j] = static_cast<float>(sum[j] / static_cast<double>(rows.size()));
  }
  return mean;
}

// A batch of rows, centred and scaled to unit length.
Result<std::vector<float>> centred_rows(const Side& side, std::span<const uint64_t> numbers,
                                        const std::vector<float>& mean, unsigned threads) {
  auto rows = embedding_rows(side, numbers, threads);
  if (!rows) return std::move(rows).error();
  const size_t width = mean.size();
  (void)parallel_for(rows->size() / width, threads, [&](size_t i, unsigned) -> Status {
    const auto row = std::span(*rows).subspan(i * width, width);
    for (size_t j = 0; j < width; ++j) row[j] -= mean[j];
    normalise_rows(row, width);
    return {};
  });
  return rows;
}

// The best assignment by absolute values; the widths may differ.
std::vector<int64_t> best_places(std::span<const float> values, size_t from, size_t to) {
  std::vector<float> sizes(values.begin(), values.end());
  for (float& value : sizes) value = std::isfinite(value) ? std::fabs(value) : 0.0f;
  std::vector<int64_t> place(from, -1);
  if (from <= to) {
    const auto columns = stats::assign(sizes, from, to);
    for (size_t i = 0; i < from; ++i) place[i] = static_cast<int64_t>(columns[i]);
  } else {
    const auto rows = stats::assign(transposed(sizes, from, to), to, from);
    for (size_t j = 0; j < to; ++j) place[rows[j]] = static_cast<int64_t>(j);
  }
  return place;
}

}  // namespace

Result<EmbeddingProducts> embedding_products(const ModelPair& pair) {
  EmbeddingProducts out;
  const size_t from = pair.suspect.width(), to = pair.reference.width();
  if (std::max(from, to) > kBasisWidthMax) {
    out.missing = "the models are too wide for it";
    return out;
  }
  auto common = tokens_in_common(pair);
  if (!common) return std::move(common).error();
  TokenTable& table = *common;
  out.by_number = table.by_number;
  out.shared_tokens = table.rows.size();
  if (table.rows.size() < kTokensMin) {
    out.missing = "the vocabularies share too few tokens";
    return out;
  }
  const auto [rows_b, rows_a] = common_tokens(std::move(table), kBasisTokensMax, pair.seed);
  auto mean_b = embedding_mean(pair.suspect, rows_b, pair.threads);
  if (!mean_b) return std::move(mean_b).error();
  auto mean_a = embedding_mean(pair.reference, rows_a, pair.threads);
  if (!mean_a) return std::move(mean_a).error();
  out.values.assign(from * to, 0.0f);
  const auto weights = static_cast<double>(rows_b.size() * (from + to));
  ProgressStage stage(pair, "embedding", weights,
                      (rows_b.size() + kTokensATime - 1) / kTokensATime);
  for (size_t first = 0; first < rows_b.size(); first += kTokensATime) {
    auto b = centred_rows(pair.suspect, batch_of(rows_b, first), *mean_b, pair.threads);
    if (!b) return std::move(b).error();
    auto a = centred_rows(pair.reference, batch_of(rows_a, first), *mean_a, pair.threads);
    if (!a) return std::move(a).error();
    // Rounding to bf16 (2^-9) is far below the noise of random products.
    stats::add_rounded_product(b->data(), from, a->data(), to, b->size() / from, pair.threads,
                               out.values.data());
    stage.advance();
  }
  out.tokens = rows_b.size();
  return out;
}

Basis fit_signed_permutation(const EmbeddingProducts& products, size_t from, size_t to) {
  Basis basis{BasisKind::signed_permutation, from, to, {}, {}, {}};
  basis.place = best_places(products.values, from, to);
  basis.sign.assign(from, 1.0f);
  for (size_t i = 0; i < from; ++i) {
    if (basis.place[i] < 0) continue;
    if (products.values[i * to + static_cast<size_t>(basis.place[i])] < 0) basis.sign[i] = -1.0f;
  }
  return basis;
}

Basis fit_rotation(const EmbeddingProducts& products, size_t from, size_t to, unsigned threads) {
  if (from <= to) {
    return Basis::rotation(from, to, stats::polar_factor(products.values, from, to, threads));
  }
  auto turned = transposed(products.values, from, to);
  return Basis::rotation(
      from, to, transposed(stats::polar_factor(std::move(turned), to, from, threads), to, from));
}

TestResult embedding_result(const EmbeddingProducts& products, const Basis& rotation) {
  TestResult out;
  out.name = "T2 embedding gauge";
  out.statistic = "t, sum of |U| along the best signed permutation";
  out.null = "U is a random rotation, which does not hold for embeddings: never scored";
  out.kind = EvidenceKind::model_based;
  out.basis = rotation.kind;
  const auto place = best_places(rotation.matrix, rotation.from, rotation.to);
  const size_t least = std::min(rotation.from, rotation.to);
  for (size_t i = 0; i < rotation.from; ++i) {
    if (place[i] < 0) continue;
    out.value += std::fabs(rotation.matrix[i * rotation.to + static_cast<size_t>(place[i])]);
  }
  if (rotation.from == rotation.to) {
    const auto d = static_cast<double>(rotation.from);
    const double ln_p = std::lgamma(d + 1) + d * std::numbers::ln2 - out.value * out.value / 2;
    out.log10_p = std::min(0.0, ln_p * std::numbers::log10e);
  }
  out.effect = out.value / static_cast<double>(least);
  out.outcome = Outcome::soft;
  out.note = cat("mean |U| ", fixed(out.effect, 3), " over ", products.tokens, " of ",
                 products.shared_tokens, " tokens in common",
                 products.by_number ? ", matched by number" : "");
  return out;
}

}  // namespace wmk::lineage
