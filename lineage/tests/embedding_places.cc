#include "lineage/tests/embedding_places.h"

#include <cmath>

#include "base/text.h"
#include "base/transpose.h"
#include "lineage/model/embedding_rows.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/sampling.h"
#include "lineage/tests/place_matches.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kPlaceTokens = 1024, kPlaceTokensMin = 32;
constexpr size_t kPlaceQueries = 256;

// One row for each residual coordinate: its values at all tokens, centred and of unit length.
Result<std::vector<float>> coordinate_rows(const Side& side, const std::vector<uint64_t>& tokens,
                                           unsigned threads) {
  auto rows = embedding_rows(side, tokens, threads);
  if (!rows) return std::move(rows).error();
  normalise_rows(*rows, side.width());
  auto out = transposed(*rows, tokens.size(), side.width());
  const size_t count = tokens.size();
  for (size_t at = 0; at < out.size(); at += count) {
    double mean = 0;
    for (size_t t = 0; t < count; ++t) mean += out[at + t] / static_cast<double>(count);
    for (size_t t = 0; t < count; ++t) out[at + t] -= static_cast<float>(mean);
  }
  normalise_rows(out, count);
  return out;
}

// The closest coordinates whatever their sign: the larger of the products with the rows and with
// their negatives.
std::vector<Closest> closest_of_either_sign(const std::vector<float>& queries,
                                            std::vector<float> rows, size_t count, size_t width) {
  std::vector<Closest> out(count);
  auto turned = rows;
  stats::scale(-1, turned.size(), turned.data());
  find_closest(queries, std::move(rows), 0, width, out);
  find_closest(queries, std::move(turned), 0, width, out);
  return out;
}

}  // namespace

Result<TestResult> embedding_places(const ModelPair& pair) {
  TestResult out;
  out.name = kEmbeddingName;
  out.family = TensorFamily::embedding;
  out.statistic = "coordinates whose closest coordinate in the reference is in the same place";
  out.null = "the order of the suspect's residual coordinates is exchangeable";
  out.not_seen =
      "residual coordinates in another order or rotated, tokens in another order and renamed";
  const size_t width = pair.reference.width();
  out.note = "widths differ";
  if (width != pair.suspect.width()) return out;
  auto table = tokens_in_common(pair);
  if (!table) return std::move(table).error();
  const auto tokens = common_tokens(*std::move(table), kPlaceTokens, pair.seed);
  out.note = "the vocabularies share too few tokens";
  const size_t count = tokens.suspect.size();
  if (count < kPlaceTokensMin) return out;
  auto b = coordinate_rows(pair.suspect, tokens.suspect, pair.threads);
  if (!b) return std::move(b).error();
  auto a = coordinate_rows(pair.reference, tokens.reference, pair.threads);
  if (!a) return std::move(a).error();
  std::vector<uint64_t> places;
  std::vector<float> queries;
  double cosines = 0;
  for (const size_t place : evenly(width, kPlaceQueries)) {
    const float* query = &(*b)[place * count];
    places.push_back(place);
    queries.insert(queries.end(), query, query + count);
    cosines += std::abs(cosine(query, &(*a)[place * count], count));
  }
  const auto closest = closest_of_either_sign(queries, *std::move(a), places.size(), count);
  const auto found = PlaceMatches::of(closest, places, width);
  out.effect = cosines / static_cast<double>(places.size());
  out.effect_min = kCopiedMin;
  out.note = cat(found.in_place, " of ", found.queries, " coordinates, mean cosine ",
                 fixed(out.effect, 3), " over ", count, " tokens");
  set_place_outcome(found, "the next place", out);
  return out;
}

}  // namespace wmk::lineage
