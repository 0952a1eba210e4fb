// The attention's part of T1: units of one key/value head and its query heads.
//
// Thread-safety: pure functions; each task has sums of its own.
#pragma once

#include <array>
#include <vector>

#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

// Which rows of q and k make pairs. Where the two sides declare different orders one declaration
// may be wrong: both may lie in the order of either.
struct PairOrder {
  bool suspect = false, reference = false;  // interleaved
};
inline constexpr size_t kPairOrdersMax = 3;
std::vector<PairOrder> pair_orders(const Pair& pair);

// Rows of one key/value head and its query heads, `width` numbers each: of weights the residual
// width, of biases 1.
struct HeadVectors {
  std::vector<float> q, k, v, o;
};
struct HeadPair {
  const HeadVectors &suspect, &reference;
  size_t width, size, group;  // of a row, of a head, query heads
};
enum class HeadUnits { value_output, query_key };
// Adds one x for each head dimension (v with o), or for each RoPE pair (q with k).
void add_units(const HeadPair& head, HeadUnits units_of, const PairOrder& order, RowSigns& to);

struct HeadSigns {
  RowSigns value_output;
  std::array<RowSigns, kPairOrdersMax> query_key;  // by order
};
// Adds the units of key/value head `number` of two layers.
Status add_head(const Pair& pair, const Gauge& gauge, const checkpoint::AttentionLayer& suspect,
                const checkpoint::AttentionLayer& reference, uint64_t number, HeadSigns& to);

}  // namespace wmk::lineage
