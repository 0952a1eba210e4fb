#include "lineage/model/embedding_rows.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

checkpoint::View embedding_view(const Side& side) {
  return {side.anatomy->token_embedding, 0, side.width(), 1};
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

}  // namespace wmk::lineage
