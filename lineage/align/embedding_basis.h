// T2: which change of basis takes the suspect's embedding to the reference's? (specs/lineage.md 4)
//
// Purpose: the map is fitted on embeddings alone; what it is tested on (signs of rows in the
// layers) knows nothing of it, so the tests stay exact. Thread-safety: brings its own workers.
#pragma once

#include <optional>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr size_t kGaugeTokensMax = 20000;
inline constexpr size_t kGaugeWidthMax = 8192;

// Products of centred, normalised embedding rows of matching tokens.
struct EmbeddingProducts {
  size_t tokens = 0, shared_tokens = 0;
  bool by_number = false;     // tokens were matched by their numbers
  std::vector<float> values;  // suspect width x reference width
};
// Where there are too few tokens or the width is beyond the limit: no tokens.
Result<EmbeddingProducts> embedding_products(const Pair& pair);

Gauge fit_signed_permutation(const EmbeddingProducts& products, size_t from, size_t to);
Gauge fit_rotation(const EmbeddingProducts& products, size_t from, size_t to, unsigned threads);

// t = sum of |U| along the best assignment of the polar factor, and its bound under a random
// rotation: model-based, never scored (embeddings are not rotation-invariant).
TestResult embedding_result(const EmbeddingProducts& products, const Gauge& rotation);

}  // namespace wmk::lineage
