#include "neurons/carry/map_fit.h"

#include <algorithm>
#include <cmath>

#include "base/memory/heap.h"
#include "mpi/shared_tasks.h"
#include "neurons/rows/moments.h"
#include "neurons/rows/row_parts.h"
#include "neurons/rows/spectrum.h"
#include "stats/signed_sum.h"
#include "stats/vectors.h"

namespace wmk::neurons {

namespace {

// Of each cloud, to see whether pairs agree; and how much they must. A map was found where the
// correlation was .23 or more; pairs of two other models have 0 by neurons, up to .5 by tokens.
constexpr size_t kComparedPairs = 256;
constexpr double kAgreementMin = 0.03;
// Of a wide model a part of the rows, under fewer forms, shows at less cost whether pairs agree.
constexpr size_t kProbed = 4, kProbeForms = 4;
// Wide models have enough in a few layers, and each form takes d^2 numbers and n d^2 steps.
size_t forms_for(size_t width) { return std::clamp<size_t>(24576 / width, 6, 12); }
size_t clouds_for(size_t width) { return std::clamp<size_t>(8192 / width, 2, 8); }
// `count` of them, or all: of the release's layers at even distances, which are the same for each
// pairing, so that what is known of them serves all.
LayerPairs spread(const LayerPairs& pairs, size_t count, size_t layers) {
  LayerPairs out, left = pairs;
  while (out.size() < count && !left.empty()) {
    const size_t wanted = out.size() * layers / count;
    const auto distance = [wanted](const LayerPair& pair) {
      return std::max(pair.second, wanted) - std::min(pair.second, wanted);
    };
    const auto nearest = std::ranges::min_element(left, {}, distance);
    out.push_back(*nearest);
    left.erase(nearest);
  }
  return out;
}

// Cosines of each unit row with those before it.
void add_cosines(const Rows& rows, std::vector<double>& out) {
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t j = 0; j < i; ++j) out.push_back(stats::dot(rows.row(i), rows.row(j), rows.width));
  }
}

}  // namespace

Result<std::vector<std::vector<double>>> Mapper::spectra_of(RowSource& model) const {
  std::vector<std::vector<double>> out(model.layers(), std::vector<double>(kSpectrum));
  Steps stage(rows_.progress, "spectra of layers", out.size());
  // One layer in memory at a time.
  Status status = mpi::for_tasks(rows_.is_shared, 1, out, [&](size_t layer) -> Status {
    auto rows = model.read(layer, CloudRows::kRowsMax, rows_.threads);
    if (!rows) return std::move(rows).error();
    if (rows->count > kPairsMin) out[layer] = spectrum_of(*rows, rows_.threads);
    stage.advance();
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

Result<std::vector<LayerPairs>> Mapper::candidates() {
  const auto of_suspect = spectra_of(form_rows_.suspect);
  if (!of_suspect) return of_suspect.error();
  if (memo_.spectra.empty()) {
    auto of_release = spectra_of(form_rows_.release);
    if (!of_release) return std::move(of_release).error();
    memo_.spectra = *std::move(of_release);
  }
  return pair_layers(*of_suspect, memo_.spectra);
}

LayerPairs Mapper::clouds_of(const LayerPairs& pairs) const {
  if (is_one_cloud_) return {{0, 0}};
  return spread(pairs, clouds_for(rows_.release.width()), rows_.release.layers());
}

Result<std::optional<FormMatches>> Mapper::start(const LayerPairs& pairs) {
  const size_t width = rows_.release.width();
  const LayerPairs clouds = clouds_of(pairs);
  const auto match = [&](CloudRows& rows, size_t forms,
                         KnownNumbers known) -> Result<std::optional<FormMatches>> {
    auto found = match_by_forms(form_rows_, spread(pairs, forms, form_rows_.release.layers()), rows,
                                clouds, known);
    if (!found) return std::move(found).error();
    auto agree = do_agree(rows, clouds, *found);
    if (!agree) return std::move(agree).error();
    return *agree ? std::optional(*std::move(found)) : std::nullopt;
  };
  if (width > kWide) {
    CloudRows some = rows_;
    some.every = kProbed;
    auto probe = match(some, kProbeForms, {probes_, memo_.of_probes});
    if (!probe || !*probe) return probe;
  }
  return match(rows_, forms_for(width), {clouds_, memo_.of_clouds});
}

Result<std::optional<Fit>> Mapper::fit(const LayerPairs& pairs, double confirmed_min) {
  auto first = start(pairs);
  if (!first) return std::move(first).error();
  if (!*first) return std::optional<Fit>();
  const LayerPairs clouds = clouds_of(pairs);
  auto fitted = improve(clouds, **std::move(first));
  if (!fitted || !*fitted) return fitted;
  auto confirmed = confirm(pairs, (*fitted)->o);
  if (!confirmed) return std::move(confirmed).error();
  if (*confirmed < confirmed_min) return std::optional<Fit>();
  const auto matches = pairs_under(clouds, Part::all, **fitted);
  if (!matches) return matches.error();
  fitted->reset();
  auto out = fit_to(clouds, *matches, Part::all);
  if (!out) return std::move(out).error();
  out->confirmed = *confirmed;
  out->pairing = pairs;
  return std::optional<Fit>(*std::move(out));
}

Result<bool> Mapper::do_agree(CloudRows& rows, const LayerPairs& clouds,
                              const FormMatches& matches) {
  size_t sure = 0;
  std::vector<double> of_suspects, of_releases;
  for (size_t c = 0; c < clouds.size(); ++c) {
    sure += matches[c].size();
    const auto some = std::span(matches[c]).first(std::min(kComparedPairs, matches[c].size()));
    const NamedRows of_suspect(some, &RowPair::suspect), of_release(some, &RowPair::release);
    uint64_t count = 0;
    auto suspect = rows.of_suspect(clouds[c].first, Part::fitted, of_suspect.keep(count));
    if (!suspect) return std::move(suspect).error();
    auto release = rows.of_release(clouds[c].second, of_release.keep(count));
    if (!release) return std::move(release).error();
    add_cosines(of_suspect.in_pairs(*suspect, some, &RowPair::suspect), of_suspects);
    add_cosines(of_release.in_pairs(*release, some, &RowPair::release), of_releases);
  }
  const double agreement = stats::correlation(of_suspects, of_releases);
  return sure >= kPairsMin && agreement > kAgreementMin;
}

Result<double> Mapper::confirm(const LayerPairs& pairs, const std::vector<float>& o) {
  return_freed_memory();  // this takes the most
  size_t asked = 0, clear = 0;
  const LayerPairs clouds = clouds_of(pairs);
  Steps stage(rows_.progress, "rows held out", clouds.size());
  for (const auto& [of_suspect, of_release] : clouds) {
    auto suspect = rows_.of_suspect(of_suspect, Part::held_out);
    if (!suspect) return std::move(suspect).error();
    auto release = rows_.of_release(of_release);
    if (!release) return std::move(release).error();
    asked += suspect->count;
    clear += count_clear({*suspect, o}, *std::move(release), kRatio, rows_.threads);
    stage.advance();
  }
  return asked > 0 ? static_cast<double>(clear) / static_cast<double>(asked) : 0.0;
}

}  // namespace wmk::neurons
