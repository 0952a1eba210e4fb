// T2: the change of basis that maps the suspect's embedding to the reference's (specs/lineage.md
// 4).
//
// Purpose: it is fitted to embeddings alone, and signs of rows in the layers are independent of
// these, so that tests of signs stay exact. Thread-safety: brings its own workers.
#pragma once

#include <optional>

#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr size_t kBasisTokensMax = 20000;
inline constexpr size_t kBasisWidthMax = 8192;

// Products of centred, normalised embedding rows of matching tokens.
struct EmbeddingProducts {
  size_t tokens = 0, shared_tokens = 0;
  bool by_number = false;     // tokens were matched by number
  std::vector<float> values;  // suspect width x reference width
  std::string missing;
};
// `tokens` is 0 if there are too few of them or a width is beyond the limit; `missing` says why.
Result<EmbeddingProducts> embedding_products(const ModelPair& pair);

Basis fit_signed_permutation(const EmbeddingProducts& products, size_t from, size_t to);
Basis fit_rotation(const EmbeddingProducts& products, size_t from, size_t to, unsigned threads);

// t = sum of |U| along the best assignment of the polar factor U, and a bound on its probability
// under a random rotation: model-based, never scored (embeddings are not rotation-invariant).
TestResult embedding_result(const EmbeddingProducts& products, const Basis& rotation);

}  // namespace wmk::lineage
