#include "lineage/align/head_matching.h"

#include "stats/assignment.h"
#include "stats/gemm.h"

namespace wmk::lineage {

namespace {

// Cosines of circuits, heads of `rows` x heads of `columns`.
std::vector<float> inner_cosines(const HeadCircuits& rows, const HeadCircuits& columns) {
  const size_t entries = rows.matching * rows.matching;
  std::vector<float> out(rows.heads * columns.heads);
  stats::gemm(stats::Op::plain, stats::Op::transposed, rows.heads, columns.heads, entries,
              rows.inner.data(), entries, columns.inner.data(), entries, 0.0f, out.data(),
              columns.heads);
  return out;
}

}  // namespace

std::vector<MatchedHeads> match_heads(const HeadCircuits& suspect, const HeadCircuits& reference) {
  const bool is_smaller = suspect.heads <= reference.heads;
  const HeadCircuits &rows = is_smaller ? suspect : reference,
                     &columns = is_smaller ? reference : suspect;
  const auto places = stats::assign(inner_cosines(rows, columns), rows.heads, columns.heads);
  std::vector<MatchedHeads> out;
  for (size_t i = 0; i < places.size(); ++i) {
    out.push_back(is_smaller ? MatchedHeads{i, places[i]} : MatchedHeads{places[i], i});
  }
  return out;
}

}  // namespace wmk::lineage
