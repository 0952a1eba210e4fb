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

// How alike tokens are arranged in both embeddings: the correlation of the cosines between tokens,
// which no rotation changes. Of a sample of the table; 0 if it has too few tokens.
Result<double> token_agreement(const ModelPair& pair, const TokenTable& table);
// Tokens by what they decode to, or by their row numbers where the embeddings agree clearly more
// that way: strings are what the owner of a model wrote. Depends on embeddings alone.
Result<TokenTable> tokens_in_common(const ModelPair& pair);

}  // namespace wmk::lineage
