#include "neurons/carry/neuron_map.h"

#include <algorithm>
#include <cmath>

#include "base/memory/heap.h"
#include "base/text.h"
#include "neurons/carry/rows_of_both.h"
#include "neurons/rows/written_span.h"
#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

// A fit to this part of the rows is not improved on by another pairing of layers.
constexpr double kGoodFit = 0.5;

ResidualMap map_of(Fit fit, const RowSource& suspect, const RowSource& release,
                   size_t suspect_width, size_t release_width) {
  ResidualMap out;
  out.suspect_width = suspect_width;
  out.release_width = release_width;
  out.o = std::move(fit.o);
  out.pairs = fit.pairs;
  out.confirmed = fit.confirmed;
  out.layers = std::move(fit.layers);
  for (const auto& [of_suspect, of_release] : fit.pairing) {
    out.layer_pairs.emplace_back(suspect.layer_number(of_suspect),
                                 release.layer_number(of_release));
  }
  out.cosine = fit.cosines / static_cast<double>(std::max<uint64_t>(1, fit.pairs));
  const Rows& basis = suspect.basis();
  if (basis.count == 0) return out;
  std::vector<float> o(suspect_width * release_width);
  stats::gemm(stats::Op::transposed, stats::Op::plain, suspect_width, release_width, basis.count,
              basis.values.data(), suspect_width, out.o.data(), release_width, 0.0f, o.data(),
              release_width);
  out.o = std::move(o);
  return out;
}

Error not_found(std::string_view what) {
  return {ErrorCode::unsupported, cat("the release's ", what, " are not found in the suspect")};
}

// The best fit of the likely pairings of layers that is confirmed, if there is one.
Result<std::optional<Fit>> best_fit(Mapper mapper, double confirmed_min) {
  auto candidates = mapper.candidates();
  if (!candidates) return std::move(candidates).error();
  std::optional<Fit> best;
  for (const LayerPairs& pairs : *candidates) {
    if (pairs.size() < 2) continue;
    auto fit = mapper.fit(pairs, confirmed_min);
    if (!fit) return std::move(fit).error();
    if (!*fit) continue;
    if (best && (*fit)->cosines <= best->cosines) continue;
    best = std::move(**fit);
    if (best->cosines > kGoodFit * static_cast<double>(best->rows())) break;
  }
  if (best && best->pairs < kPairsMin) best.reset();
  return best;
}

// `span`: of what is written in the suspect.
Result<ResidualMap> neurons_in(const Rows& span, const Model& suspect, const Model& release,
                               const MapSearch& search) {
  if (!have_signs(release)) {
    return Error(ErrorCode::unsupported,
                 "the FFN has no gate and an odd activation, so that its rows have no sign");
  }
  NeuronsOfBoth rows(span, suspect, release);
  ReleaseMemo own;
  ReleaseMemo& memo = search.memo ? *search.memo : own;
  auto best = best_fit(rows.mapper(search.threads, search.progress, memo, search.is_shared),
                       search.confirmed_min);
  if (!best) return std::move(best).error();
  if (!*best) return not_found("neurons");
  return map_of(std::move(**best), rows.suspect(), rows.release(), suspect.anatomy->width,
                release.anatomy->width);
}

Result<ResidualMap> tokens_in(const Rows& span, const Model& suspect, const Model& release,
                              unsigned threads, Progress* progress) {
  TokensOfBoth rows(span, suspect, release);
  auto best = best_fit(rows.mapper(threads, progress), kConfirmedMin);
  if (!best) return std::move(best).error();
  if (!*best) return not_found("tokens");
  ResidualMap out = map_of(std::move(**best), rows.suspect(), rows.release(),
                           suspect.anatomy->width, release.anatomy->width);
  out.fitted_to = MapRows::tokens;
  return out;
}

// What is written in the suspect.
Result<Rows> span_of(const Model& suspect, unsigned threads, Progress* progress) {
  return_freed_memory();
  Steps stage(progress, "written span", 1);
  auto span = written_span(suspect, threads);
  stage.advance();
  return span;
}

}  // namespace

Result<ResidualMap> map_neurons(const Model& suspect, const Model& release,
                                const MapSearch& search) {
  const auto span = span_of(suspect, search.threads, search.progress);
  return span ? neurons_in(*span, suspect, release, search) : span.error();
}

Result<ResidualMap> map_tokens(const Model& suspect, const Model& release, unsigned threads,
                               Progress* progress) {
  const auto span = span_of(suspect, threads, progress);
  return span ? tokens_in(*span, suspect, release, threads, progress) : span.error();
}

bool have_equal_tokens(const Model& a, const Model& b) {
  return a.anatomy->token_embedding == b.anatomy->token_embedding &&
         QueryRows(a, {}).reads_as(QueryRows(b, {}));
}

}  // namespace wmk::neurons
