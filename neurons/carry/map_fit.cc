#include "neurons/carry/map_fit.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "neurons/carry/moments.h"
#include "neurons/carry/row_parts.h"
#include "stats/signed_sum.h"
#include "stats/vectors.h"

namespace wmk::neurons {

namespace {

constexpr size_t kPairsAtOnce = 1024;
// Of each cloud, to see whether pairs agree; and how much they must. A map was found where the
// correlation was .23 or more; pairs of two other models have 0 by neurons, up to .5 by tokens.
constexpr size_t kComparedPairs = 256;
constexpr double kAgreementMin = 0.03;
// Of a wide model a part of the rows, under fewer forms, shows at less cost whether pairs agree.
constexpr size_t kProbed = 4, kProbeForms = 4;
constexpr float kCosineMin = 0.3f, kOfMedian = 0.8f;
// Wide models have enough in a few layers, and each form takes d^2 numbers and n d^2 steps.
size_t forms_for(size_t width) { return std::clamp<size_t>(24576 / width, 6, 12); }
size_t clouds_for(size_t width) { return std::clamp<size_t>(8192 / width, 2, 8); }
// With the first, by forms alone, and without the last, by all rows.
int rounds_for(size_t width) { return width <= kWide ? 5 : 3; }

// `count` of them at even distances, or all.
LayerPairs spread(const LayerPairs& pairs, size_t count) {
  LayerPairs out;
  count = std::min(count, pairs.size());
  for (size_t i = 0; i < count; ++i) out.push_back(pairs[i * pairs.size() / count]);
  return out;
}

// Cosines of each unit row with those before it.
void add_cosines(const Rows& rows, std::vector<double>& out) {
  for (size_t i = 0; i < rows.count; ++i) {
    for (size_t j = 0; j < i; ++j) out.push_back(stats::dot(rows.row(i), rows.row(j), rows.width));
  }
}

}  // namespace

Result<std::vector<LayerPairs>> Mapper::candidates() {
  std::vector<std::vector<double>> spectra[2];
  for (int side = 0; side < 2; ++side) {
    RowSource& model = side == 0 ? form_rows_.suspect : form_rows_.release;
    for (size_t layer = 0; layer < model.layers(); ++layer) {
      auto rows = model.read(layer, CloudRows::kRowsMax, rows_.threads);
      if (!rows) return std::move(rows).error();
      spectra[side].push_back(rows->count > kPairsMin ? spectrum_of(*rows, rows_.threads)
                                                      : std::vector<double>(kSpectrum));
    }
  }
  return pair_layers(spectra[0], spectra[1]);
}

Result<std::optional<Fit>> Mapper::fit(const LayerPairs& pairs) {
  const size_t width = rows_.release.width();
  const LayerPairs clouds = is_one_cloud_ ? LayerPairs{{0, 0}} : spread(pairs, clouds_for(width));
  if (width > kWide) {
    CloudRows some = rows_;
    some.every = kProbed;
    auto probe = match_by_forms(form_rows_, spread(pairs, kProbeForms), some, clouds, probed_);
    if (!probe) return std::move(probe).error();
    auto agree = do_agree(some, clouds, *probe);
    if (!agree) return std::move(agree).error();
    if (!*agree) return std::optional<Fit>();
  }
  KnownNumbers all;
  auto start = match_by_forms(form_rows_, spread(pairs, forms_for(width)), rows_, clouds, all);
  if (!start) return std::move(start).error();
  auto agree = do_agree(rows_, clouds, *start);
  if (!agree) return std::move(agree).error();
  if (!*agree) return std::optional<Fit>();
  Fit out;
  for (int round = 0; round < rounds_for(width); ++round) {
    Status status = improve(clouds, round == 0 ? &*start : nullptr, Part::fitted, out);
    if (!status) return std::move(status).error();
  }
  auto confirmed = confirm(clouds, out);
  if (!confirmed) return std::move(confirmed).error();
  Status status = improve(clouds, nullptr, Part::all, out);
  if (!status) return std::move(status).error();
  out.confirmed = *confirmed;
  out.pairing = pairs;
  return std::optional<Fit>(std::move(out));
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

Result<std::vector<RowPair>> Mapper::near_under(const LayerPair& cloud, Part part,
                                                const Projection& projection) {
  auto release = rows_.of_release(cloud.second);
  if (!release) return std::move(release).error();
  const Rows projected = projection.of(*std::move(release), rows_.threads);
  auto suspect = rows_.of_suspect(cloud.first, part);
  if (!suspect) return std::move(suspect).error();
  std::vector<RowPair> pairs =
      nearest_by_cosine({*suspect, projection.of_suspect()}, projected, rows_.threads);
  if (pairs.empty()) return pairs;
  std::vector<float> cosines;
  for (const RowPair& pair : pairs) cosines.push_back(pair.closeness);
  const auto middle = cosines.begin() + static_cast<std::ptrdiff_t>((cosines.size() - 1) / 2);
  std::nth_element(cosines.begin(), middle, cosines.end());
  const float floor = std::max(kCosineMin, kOfMedian * *middle);
  std::erase_if(pairs, [floor](const RowPair& pair) { return pair.closeness <= floor; });
  return pairs;
}

// Of a wide model only half of the pairs are in memory at a time.
Status Mapper::add_pairs(const LayerPair& cloud, Part part, const std::vector<RowPair>& pairs,
                         Fit& fit, PairMoments& moments) {
  const uint32_t parts = rows_.release.width() <= kWide ? 1 : 2;
  LayerFit layer{rows_.suspect.layer_number(cloud.first), rows_.release.layer_number(cloud.second),
                 0, pairs.size(), 0};
  for (uint32_t p = 0; p < parts; ++p) {
    std::vector<RowPair> some;
    std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(some),
                 [&](const RowPair& pair) { return pair.suspect % parts == p; });
    const NamedRows of_suspect(some, &RowPair::suspect), of_release(some, &RowPair::release);
    uint64_t suspect_count = 0, release_count = 0;
    auto suspect = rows_.of_suspect(cloud.first, part, of_suspect.keep(suspect_count));
    if (!suspect) return std::move(suspect).error();
    auto release = rows_.of_release(cloud.second, of_release.keep(release_count));
    if (!release) return std::move(release).error();
    layer.rows = std::min(suspect_count, release_count);
    for (size_t first = 0; first < some.size(); first += kPairsAtOnce) {
      const auto now = std::span(some).subspan(first, std::min(kPairsAtOnce, some.size() - first));
      moments.add(of_suspect.in_pairs(*suspect, now, &RowPair::suspect),
                  of_release.in_pairs(*release, now, &RowPair::release), rows_.threads);
    }
  }
  for (const RowPair& pair : pairs) layer.cosine += pair.closeness;
  fit.pairs += layer.pairs;
  fit.cosines += layer.cosine;
  layer.cosine /= static_cast<double>(std::max<uint64_t>(1, layer.pairs));
  fit.layers.push_back(layer);
  return {};
}

Status Mapper::improve(const LayerPairs& clouds, const FormMatches* given, Part part, Fit& fit) {
  Fit next;
  FormMatches matches;
  if (!given) {
    const Projection projection(fit.o, rows_.suspect.width(), rows_.release.width());
    for (const LayerPair& cloud : clouds) {
      auto pairs = near_under(cloud, part, projection);
      if (!pairs) return std::move(pairs).error();
      matches.push_back(*std::move(pairs));
    }
  }
  fit = {};
  PairMoments moments(rows_.suspect.width(), rows_.release.width());
  for (size_t c = 0; c < clouds.size(); ++c) {
    Status status = add_pairs(clouds[c], part, given ? (*given)[c] : matches[c], next, moments);
    if (!status) return status;
  }
  using Precision = PairMoments::Precision;
  next.o = std::move(moments).isometry(part == Part::all ? Precision::full : Precision::rough,
                                       rows_.threads);
  fit = std::move(next);
  return {};
}

Result<double> Mapper::confirm(const LayerPairs& clouds, const Fit& fit) {
  size_t asked = 0, clear = 0;
  for (const auto& [of_suspect, of_release] : clouds) {
    auto suspect = rows_.of_suspect(of_suspect, Part::held_out);
    if (!suspect) return std::move(suspect).error();
    auto release = rows_.of_release(of_release);
    if (!release) return std::move(release).error();
    asked += suspect->count;
    clear += count_clear({*suspect, fit.o}, *release, kRatio, rows_.threads);
  }
  return asked > 0 ? static_cast<double>(clear) / static_cast<double>(asked) : 0.0;
}

}  // namespace wmk::neurons
