// Rows of the token embedding, and which tokens two models have in common.
//
// Thread-safety: embedding_rows() brings its own workers; the rest are pure functions.
#pragma once

#include <span>

#include "lineage/model/model_pair.h"
#include "lineage/model/token_table.h"

namespace wmk::lineage {

// The embedding rows of some tokens, with 0 for values that are not finite.
Result<std::vector<float>> embedding_rows(const Side& side, std::span<const uint64_t> numbers,
                                          unsigned threads);

// Row numbers of common tokens, ascending by those of the suspect.
struct CommonTokens {
  std::vector<uint64_t> suspect, reference;
};
// At most `most` of the tokens in the table, selected by the seed.
CommonTokens common_tokens(TokenTable table, size_t most, uint64_t seed);

}  // namespace wmk::lineage
