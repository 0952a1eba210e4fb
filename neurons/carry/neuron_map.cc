#include "neurons/carry/neuron_map.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "checkpoint/text/config.h"
#include "neurons/carry/gate_rows.h"
#include "neurons/carry/map_fit.h"
#include "neurons/carry/query_rows.h"
#include "neurons/carry/token_cloud.h"
#include "neurons/carry/written_span.h"
#include "stats/gemm.h"

namespace wmk::neurons {

namespace {

// Tokens of a release that are matched, and numbers of a suspect's token rows in memory.
constexpr uint64_t kTokensPerWidth = 16, kTokenValuesMax = 48u << 20;
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

// Rows of an FFN without a gate have a sign unless its activation is odd.
bool is_odd(std::string_view activation) {
  return activation == "tanh" || activation == "linear" || activation == "identity";
}

// The activation that the release's config names, or empty. Not the suspect's, which may lie.
std::string activation_of(const checkpoint::Checkpoint& release) {
  const auto text = read_text(release.folder() / "config.json", checkpoint::kConfigBytesMax);
  if (!text) return {};
  const auto document = json::Document::parse(*text, checkpoint::kConfigLimits);
  if (!document || !document->root().is(json::Kind::object)) return {};
  for (const char* key : {"hidden_act", "hidden_activation", "activation_function"}) {
    const auto value = document->root().find(key);
    if (const auto word = value ? value->string() : std::nullopt) return std::string(*word);
  }
  return {};
}

// The best fit of the likely pairings of layers that is confirmed, if there is one.
Result<std::optional<Fit>> best_fit(Mapper mapper, double confirmed_min) {
  auto candidates = mapper.candidates();
  if (!candidates) return std::move(candidates).error();
  std::optional<Fit> best;
  for (const LayerPairs& pairs : *candidates) {
    if (pairs.size() < 2) continue;
    auto fit = mapper.fit(pairs);
    if (!fit) return std::move(fit).error();
    if (!*fit || (*fit)->confirmed < confirmed_min) continue;
    if (best && (*fit)->cosines <= best->cosines) continue;
    best = std::move(**fit);
    if (best->cosines > kGoodFit * static_cast<double>(best->rows())) break;
  }
  if (best && best->pairs < kPairsMin) best.reset();
  return best;
}

// `span`: of what is written in the suspect.
Result<ResidualMap> neurons_in(const Rows& span, const Model& suspect, const Model& release,
                               unsigned threads, double confirmed_min) {
  if (!release.anatomy->gated && is_odd(activation_of(*release.checkpoint))) {
    return Error(ErrorCode::unsupported,
                 "the FFN has no gate and an odd activation, so that its rows have no sign");
  }
  GateRows suspect_rows(suspect, span, RowChoice::strong);
  GateRows release_rows(release, {}, RowChoice::all);
  auto best = best_fit(Mapper(suspect_rows, release_rows, threads), confirmed_min);
  if (!best) return std::move(best).error();
  if (!*best) return not_found("neurons");
  return map_of(std::move(**best), suspect_rows, release_rows, suspect.anatomy->width,
                release.anatomy->width);
}

Result<ResidualMap> tokens_in(const Rows& span, const Model& suspect, const Model& release,
                              unsigned threads) {
  const uint64_t width = release.anatomy->width;
  const uint64_t count = std::min<uint64_t>(kTokensPerWidth * width, CloudRows::kRowsMax);
  const uint64_t most = std::max(CloudRows::kRowsMax, kTokenValuesMax / width);
  TokenCloud suspect_rows(suspect, span, std::min(2 * count, most));
  TokenCloud release_rows(release, {}, count);
  QueryRows suspect_forms(suspect, span), release_forms(release, {});
  auto best = best_fit(
      Mapper({suspect_rows, release_rows, threads}, {suspect_forms, release_forms, threads}),
      kConfirmedMin);
  if (!best) return std::move(best).error();
  if (!*best) return not_found("tokens");
  ResidualMap out =
      map_of(std::move(**best), suspect_forms, release_forms, suspect.anatomy->width, width);
  out.fitted_to = MapRows::tokens;
  return out;
}

// The map that `find` finds with the written span of the suspect, as a stage of progress.
template <class Find>
Result<ResidualMap> find_map(const Model& suspect, unsigned threads, Progress* progress,
                             const char* stage, const Find& find) {
  if (progress) progress->begin(stage, 1, Progress::Unit::steps);
  const auto span = written_span(suspect, threads);
  if (!span) return span.error();
  Result<ResidualMap> map = find(*span);
  const bool is_missing = !map && map.error().code() == ErrorCode::unsupported;
  if (progress && (map || is_missing)) progress->end();
  return map;
}

}  // namespace

Result<ResidualMap> map_neurons(const Model& suspect, const Model& release, unsigned threads,
                                Progress* progress, double confirmed_min) {
  return find_map(suspect, threads, progress, "matching neurons", [&](const Rows& span) {
    return neurons_in(span, suspect, release, threads, confirmed_min);
  });
}

Result<ResidualMap> map_tokens(const Model& suspect, const Model& release, unsigned threads,
                               Progress* progress) {
  return find_map(suspect, threads, progress, "matching tokens",
                  [&](const Rows& span) { return tokens_in(span, suspect, release, threads); });
}

bool have_equal_tokens(const Model& a, const Model& b) {
  return a.anatomy->token_embedding == b.anatomy->token_embedding &&
         QueryRows(a, {}).reads_as(QueryRows(b, {}));
}

}  // namespace wmk::neurons
