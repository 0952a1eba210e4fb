#include "neurons/carry/map_holds.h"

#include "neurons/carry/rows_of_both.h"
#include "neurons/rows/written_span.h"
#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

// The map in the coordinates of the suspect's basis.
std::vector<float> in_basis(const ResidualMap& map, const Rows& basis) {
  if (basis.count == 0) return map.o;
  std::vector<float> out(basis.count * map.release_width);
  stats::gemm(stats::Op::plain, stats::Op::plain, basis.count, map.release_width, map.suspect_width,
              basis.values.data(), map.suspect_width, map.o.data(), map.release_width, 0.0f,
              out.data(), map.release_width);
  return out;
}

// The layers that the map pairs, those that both models have.
LayerPairs pairing_of(const ResidualMap& map, const RowSource& suspect, const RowSource& release) {
  const auto place_of = [](const RowSource& model, uint64_t number) {
    size_t i = 0;
    while (i < model.layers() && model.layer_number(i) != number) ++i;
    return i;
  };
  LayerPairs out;
  for (const auto& [of_suspect, of_release] : map.layer_pairs) {
    const LayerPair pair(place_of(suspect, of_suspect), place_of(release, of_release));
    if (pair.first < suspect.layers() && pair.second < release.layers()) out.push_back(pair);
  }
  return out;
}

}  // namespace

Result<bool> holds_for_neurons(const ResidualMap& map, const Model& suspect, const Model& release,
                               unsigned threads) {
  if (map.suspect_width != suspect.anatomy->width || !have_signs(release)) return false;
  const auto span = written_span(suspect, threads);
  if (!span) return span.error();
  NeuronsOfBoth rows(*span, suspect, release);
  const LayerPairs pairs = pairing_of(map, rows.suspect(), rows.release());
  if (pairs.size() < 2) return false;
  ReleaseMemo unused;
  const auto part = rows.mapper(threads, nullptr, unused).confirm(pairs, in_basis(map, *span));
  if (!part) return part.error();
  return *part >= kHoldsMin * map.confirmed;
}

Result<bool> holds_for_tokens(const ResidualMap& map, const Model& suspect, const Model& release,
                              unsigned threads) {
  if (map.suspect_width != suspect.anatomy->width) return false;
  const auto span = written_span(suspect, threads);
  if (!span) return span.error();
  TokensOfBoth rows(*span, suspect, release);
  const auto part = rows.mapper(threads, nullptr).confirm({}, in_basis(map, *span));
  if (!part) return part.error();
  return *part >= kTokensHoldMin;
}

}  // namespace wmk::neurons
