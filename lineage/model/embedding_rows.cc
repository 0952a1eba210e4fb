#include "lineage/model/embedding_rows.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/sampling.h"
#include "stats/gemm.h"
#include "stats/signed_sum.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kAgreementTokens = 512, kAgreementTokensMin = 64;
// Unrelated models with a shared vocabulary agree a little by string, and not at all by number.
constexpr double kAgreementMin = 0.2;

checkpoint::View embedding_view(const Side& side) {
  return {side.anatomy->token_embedding, 0, side.width(), 1};
}

// The cosines between all pairs of some tokens, about their mean.
Result<std::vector<double>> token_cosines(const Side& side, const std::vector<uint64_t>& tokens,
                                          unsigned threads) {
  auto rows = embedding_rows(side, tokens, threads);
  if (!rows) return std::move(rows).error();
  const size_t width = side.width(), count = tokens.size();
  std::vector<float> mean(width);
  const auto part = 1 / static_cast<float>(count);
  for (size_t i = 0; i < count; ++i)
    stats::add_scaled(part, &(*rows)[i * width], width, mean.data());
  for (size_t i = 0; i < count; ++i) stats::add_scaled(-1, mean.data(), width, &(*rows)[i * width]);
  normalise_rows(*rows, width);
  std::vector<float> gram(count * count);
  stats::gemm(stats::Op::plain, stats::Op::transposed, count, count, width, rows->data(), width,
              rows->data(), width, 0.0f, gram.data(), count);
  std::vector<double> out;
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) out.push_back(gram[i * count + j]);
  }
  return out;
}

}  // namespace

Result<std::vector<float>> embedding_rows(const Side& side, std::span<const uint64_t> numbers,
                                          unsigned threads) {
  const size_t width = side.width();
  std::vector<float> out(numbers.size() * width);
  auto status = parallel_for(numbers.size(), threads, [&](size_t i, unsigned) -> Status {
    auto row = load_vectors({&side, embedding_view(side), nullptr, nullptr}, numbers[i], 1);
    if (!row) return std::move(row).error();
    std::transform(row->begin(), row->end(), &out[i * width],
                   [](float value) { return std::isfinite(value) ? value : 0.0f; });
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

CommonTokens common_tokens(TokenTable table, size_t most, uint64_t seed) {
  auto random = random_for(seed, "tokens");
  for (size_t i = 0; i < table.rows.size() && i < most; ++i) {
    std::swap(table.rows[i], table.rows[i + below(random, table.rows.size() - i)]);
  }
  table.rows.resize(std::min(table.rows.size(), most));
  std::sort(table.rows.begin(), table.rows.end());
  CommonTokens out;
  for (const auto& [b, a] : table.rows) {
    out.suspect.push_back(b);
    out.reference.push_back(a);
  }
  return out;
}

Result<double> token_agreement(const ModelPair& pair, const TokenTable& table) {
  const auto tokens = common_tokens(table, kAgreementTokens, pair.seed);
  if (tokens.suspect.size() < kAgreementTokensMin) return 0.0;
  auto b = token_cosines(pair.suspect, tokens.suspect, pair.threads);
  if (!b) return std::move(b).error();
  auto a = token_cosines(pair.reference, tokens.reference, pair.threads);
  if (!a) return std::move(a).error();
  return stats::correlation(*b, *a);
}

Result<TokenTable> tokens_in_common(const ModelPair& pair) {
  TokenTable by_string = match_tokens(*pair.suspect.vocabulary, *pair.reference.vocabulary);
  const auto in_place = std::count_if(by_string.rows.begin(), by_string.rows.end(),
                                      [](const auto& row) { return row.first == row.second; });
  if (by_string.by_number || 2 * static_cast<size_t>(in_place) > by_string.rows.size()) {
    return by_string;
  }
  TokenTable by_number = match_rows(pair.suspect.vocabulary->strings.size(),
                                    pair.reference.vocabulary->strings.size());
  auto strings = token_agreement(pair, by_string);
  if (!strings) return std::move(strings).error();
  auto numbers = token_agreement(pair, by_number);
  if (!numbers) return std::move(numbers).error();
  return *numbers > *strings + kAgreementMin ? by_number : by_string;
}

}  // namespace wmk::lineage
