// T1 for attention: the sign groups of one key/value head and its query heads.
//
// Purpose: a sign group here is a head dimension (v row, o columns) or a RoPE pair (q rows, k
// rows). Thread-safety: pure functions; each task adds to its own sums.
#pragma once

#include <array>
#include <vector>

#include "lineage/align/head_matching.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

// Which rows of q and k form RoPE pairs. If the two models declare different orders, one
// declaration may be wrong; then both are also read in the order of either.
struct PairOrder {
  bool suspect = false, reference = false;  // interleaved
};
inline constexpr size_t kPairOrdersMax = 3;
std::vector<PairOrder> pair_orders(const ModelPair& pair);

// Rows of one key/value head and its query heads, of `width` numbers each: the residual width for
// weights, 1 for biases.
struct HeadVectors {
  std::vector<float> q, k, v, o;
};
struct HeadPair {
  const HeadVectors &suspect, &reference;
  size_t width, size, query_heads;  // numbers in a row, rows in a head, query heads of the group
};
enum class SignGroup { head_dimension, rope_pair };
// Adds one x for each head dimension (v with o) or each RoPE pair (q with k).
void add_sign_groups(const HeadPair& head, SignGroup kind, const PairOrder& order, SignTerms& to);

struct HeadSigns {
  SignTerms value_output;
  std::array<SignTerms, kPairOrdersMax> query_key;  // by order
};
template <class Visit>
void fields(HeadSigns& signs, Visit& visit) {
  visit(signs.value_output);
  visit(signs.query_key);
}
// Adds the sign groups of the reference's key/value head `number` and of the suspect's head that
// `order` gives; null: of the same number.
Status add_head(const ModelPair& pair, const Basis& basis,
                const checkpoint::AttentionLayer& suspect,
                const checkpoint::AttentionLayer& reference, uint64_t number,
                const HeadOrder* order, HeadSigns& to);

}  // namespace wmk::lineage
