// Rounds of a fit: pairs of rows that are near under the map so far, and the map of these pairs.
#include <algorithm>
#include <iterator>

#include "neurons/carry/map_fit.h"
#include "neurons/rows/row_parts.h"

namespace wmk::neurons {

namespace {

constexpr size_t kPairsAtOnce = 1024;
constexpr float kCosineMin = 0.3f, kOfMedian = 0.8f;
// With the first, by forms alone, and without the last, by all rows.
int rounds_for(size_t width) { return width <= kWide ? 5 : 3; }
// Of a true map each round finds many more pairs until it has most of them. Wrong ones stand still
// at a few: 40 to 130 of 9,216 rows, at most 1.25 times those of the round before.
constexpr double kFew = 0.05, kGrowth = 1.5;

size_t count_of(const FormMatches& matches) {
  size_t sum = 0;
  for (const auto& of_cloud : matches) sum += of_cloud.size();
  return sum;
}

bool stands_still(const FormMatches& before, const FormMatches& after, uint64_t rows) {
  const auto pairs = static_cast<double>(count_of(after));
  return pairs < kFew * static_cast<double>(rows) &&
         pairs < kGrowth * static_cast<double>(count_of(before));
}

bool are_same(const FormMatches& a, const FormMatches& b) {
  const auto is_same = [](const RowPair& x, const RowPair& y) {
    return x.suspect == y.suspect && x.release == y.release;
  };
  return std::ranges::equal(a, b, [&](const auto& of_a, const auto& of_b) {
    return std::ranges::equal(of_a, of_b, is_same);
  });
}

}  // namespace

Result<std::vector<RowPair>> Mapper::near_under(const LayerPair& cloud, Part part,
                                                const Projection& projection) {
  auto release = rows_.of_release(cloud.second);
  if (!release) return std::move(release).error();
  Rows projected = projection.of(*std::move(release), rows_.threads);
  auto suspect = rows_.of_suspect(cloud.first, part);
  if (!suspect) return std::move(suspect).error();
  std::vector<RowPair> pairs =
      nearest_by_cosine({*suspect, projection.of_suspect()}, std::move(projected), rows_.threads);
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

Result<FormMatches> Mapper::pairs_under(const LayerPairs& clouds, Part part, const Fit& fit) {
  const Projection projection(fit.o, rows_.suspect.width(), rows_.release.width());
  FormMatches out;
  Steps stage(rows_.progress, "rows under the map", clouds.size());
  for (const LayerPair& cloud : clouds) {
    auto pairs = near_under(cloud, part, projection);
    if (!pairs) return std::move(pairs).error();
    out.push_back(*std::move(pairs));
    stage.advance();
  }
  return out;
}

Result<Fit> Mapper::fit_to(const LayerPairs& clouds, const FormMatches& matches, Part part) {
  Fit out;
  PairMoments moments(rows_.suspect.width(), rows_.release.width());
  Steps stage(rows_.progress, "map of the pairs", clouds.size() + 1);
  for (size_t c = 0; c < clouds.size(); ++c) {
    Status status = add_pairs(clouds[c], part, matches[c], out, moments);
    if (!status) return std::move(status).error();
    stage.advance();
  }
  using Precision = PairMoments::Precision;
  out.o = std::move(moments).isometry(part == Part::all ? Precision::full : Precision::rough,
                                      rows_.threads);
  stage.advance();
  return out;
}

Result<std::optional<Fit>> Mapper::improve(const LayerPairs& clouds, FormMatches matches) {
  auto out = fit_to(clouds, matches, Part::fitted);
  for (int round = 1; out && round < rounds_for(rows_.release.width()); ++round) {
    auto next = pairs_under(clouds, Part::fitted, *out);
    if (!next) return std::move(next).error();
    if (stands_still(matches, *next, out->rows())) return std::optional<Fit>();
    // The map of the same pairs would be the same.
    if (are_same(*next, matches)) break;
    matches = *std::move(next);
    out->o = {};
    out = fit_to(clouds, matches, Part::fitted);
  }
  if (!out) return std::move(out).error();
  return std::optional<Fit>(*std::move(out));
}

}  // namespace wmk::neurons
