#include "lineage/tests/head_signs.h"

#include <cmath>
#include <tuple>

#include "stats/vectors.h"

namespace wmk::lineage {

using checkpoint::AttentionLayer;

namespace {

// The cosine of rows `a_rows` of a and rows `b_rows` of b, each taken as one long vector; 0 if
// either side is empty.
double block_cosine(const std::vector<float>& a, std::span<const size_t> a_rows,
                    const std::vector<float>& b, std::span<const size_t> b_rows, size_t width) {
  if (a.empty() || b.empty()) return 0;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a_rows.size(); ++i) {
    const float* x = &a[a_rows[i] * width];
    const float* y = &b[b_rows[i] * width];
    ab += stats::dot(x, y, width);
    aa += stats::sum_of_squares(x, width);
    bb += stats::sum_of_squares(y, width);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

Result<HeadVectors> load_head(const Side& side, const AttentionLayer& layer, uint64_t head,
                              const Basis* basis) {
  const uint64_t size = side.attention.head_size;
  const uint64_t queries = side.attention.heads / side.attention.kv_heads * size;
  HeadVectors out;
  const std::tuple<const checkpoint::View&, const std::vector<float>*, uint64_t,
                   std::vector<float>*>
      parts[] = {{layer.q, &layer.norm_weight, queries, &out.q},
                 {layer.k, &layer.norm_weight, size, &out.k},
                 {layer.v, &layer.norm_weight, size, &out.v},
                 {layer.o, nullptr, queries, &out.o}};
  for (const auto& [view, norm_weight, count, to] : parts) {
    auto rows = load_vectors({&side, view, norm_weight, basis}, head * count, count);
    if (!rows) return std::move(rows).error();
    *to = *std::move(rows);
  }
  return out;
}

// The rows of the query heads of one group in another order: `queries` are their numbers.
std::vector<float> in_order(const std::vector<float>& rows, std::span<const size_t> queries) {
  const size_t size = rows.size() / queries.size();
  std::vector<float> out;
  for (const size_t query : queries) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(query % queries.size() * size);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  return out;
}

// The rows of one head dimension or RoPE pair in `heads` heads.
std::vector<size_t> rows_of(size_t size, size_t group, bool pairs, bool interleaved, size_t heads) {
  std::vector<size_t> rows;
  for (size_t h = 0; h < heads; ++h) {
    const size_t first = pairs && interleaved ? 2 * group : group;
    rows.push_back(h * size + first);
    if (pairs) rows.push_back(rows.back() + (interleaved ? 1 : size / 2));
  }
  return rows;
}

}  // namespace

void add_sign_groups(const HeadPair& head, SignGroup kind, const PairOrder& order, SignTerms& to) {
  const bool pairs = kind == SignGroup::rope_pair;
  const HeadVectors &b = head.suspect, &a = head.reference;
  const size_t groups = pairs ? head.size / 2 : head.size;
  const auto rows = [&](size_t group, bool interleaved, size_t heads) {
    return rows_of(head.size, group, pairs, interleaved, heads);
  };
  const auto x_of = [&](size_t of_a, size_t of_b) {
    return block_cosine(pairs ? a.k : a.v, rows(of_a, order.reference, 1), pairs ? b.k : b.v,
                        rows(of_b, order.suspect, 1), head.width) +
           block_cosine(pairs ? a.q : a.o, rows(of_a, order.reference, head.query_heads),
                        pairs ? b.q : b.o, rows(of_b, order.suspect, head.query_heads), head.width);
  };
  for (size_t group = 0; group < groups; ++group) {
    to.add(x_of(group, group), x_of((group + 1) % groups, group));
  }
}

std::vector<PairOrder> pair_orders(const ModelPair& pair) {
  const bool b = pair.suspect.attention.interleaved, a = pair.reference.attention.interleaved;
  if (a == b) return {{b, a}};
  return {{b, a}, {b, b}, {a, a}};
}

Status add_head(const ModelPair& pair, const Basis& basis, const AttentionLayer& suspect,
                const AttentionLayer& reference, uint64_t number, const HeadOrder* order,
                HeadSigns& to) {
  auto b = load_head(pair.suspect, suspect, order ? order->key_value[number] : number, &basis);
  if (!b) return std::move(b).error();
  auto a = load_head(pair.reference, reference, number, nullptr);
  if (!a) return std::move(a).error();
  const auto& form = pair.reference.attention;
  if (order) {
    const size_t group = form.heads / form.kv_heads;
    const std::span queries(&order->query[number * group], group);
    for (auto* rows : {&b->q, &b->o}) *rows = in_order(*rows, queries);
  }
  const HeadPair head{*b, *a, pair.reference.width(), form.head_size, form.heads / form.kv_heads};
  add_sign_groups(head, SignGroup::head_dimension, {}, to.value_output);
  const auto orders = pair_orders(pair);
  for (size_t i = 0; i < orders.size(); ++i) {
    add_sign_groups(head, SignGroup::rope_pair, orders[i], to.query_key[i]);
  }
  return {};
}

}  // namespace wmk::lineage
