#include "lineage/tower/tower.h"

#include <algorithm>
#include <set>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/sampling.h"
#include "lineage/tests/place_matches.h"
#include "lineage/tower/tower_parts.h"

namespace wmk::lineage {

namespace {

constexpr size_t kTowerQueries = 256;  // neurons of a layer
constexpr uint64_t kTowerWidthMax = 1 << 14;
constexpr uint64_t kTowerRows = 1024;  // in memory at a time

Result<std::vector<float>> rows_of_part(const Side& side, const checkpoint::View& view,
                                        const TowerPart& part, uint64_t first, uint64_t count) {
  return load_view(*side.checkpoint, view, part.width, first, count);
}

Status add_tower_signs(const ModelPair& pair, const TowerPart& part, RowSigns& to) {
  for (uint64_t first = 0; first < part.units; first += kTowerRows) {
    const uint64_t count = std::min(kTowerRows, part.units - first);
    RowCosines found(count);
    for (const bool is_in : {true, false}) {
      auto b = rows_of_part(pair.suspect, is_in ? part.in_suspect : part.out_suspect, part, first,
                            count);
      if (!b) return std::move(b).error();
      auto a = rows_of_part(pair.reference, is_in ? part.in_reference : part.out_reference, part,
                            first, count);
      if (!a) return std::move(a).error();
      found.add(*b, *a, part.width);
    }
    to.add(SignTerms{std::move(found.x), std::move(found.shifted)});
  }
  return {};
}

Status add_tower_places(const ModelPair& pair, const TowerPart& part, PlaceMatches& to) {
  std::vector<uint64_t> places;
  std::vector<float> queries;
  for (const size_t place : evenly(part.units, kTowerQueries)) {
    auto row = rows_of_part(pair.suspect, part.in_suspect, part, place, 1);
    if (!row) return std::move(row).error();
    places.push_back(place);
    queries.insert(queries.end(), row->begin(), row->end());
  }
  std::vector<Closest> closest(places.size());
  for (uint64_t first = 0; first < part.units; first += kTowerRows) {
    const uint64_t count = std::min(kTowerRows, part.units - first);
    auto rows = rows_of_part(pair.reference, part.in_reference, part, first, count);
    if (!rows) return std::move(rows).error();
    find_closest(queries, *std::move(rows), first, part.width, closest);
  }
  to = PlaceMatches::of(closest, places, part.units);
  return {};
}

// "visual.blocks, audio_tower.layers". Names are untrusted text.
std::string tower_names(const std::vector<TowerPart>& parts) {
  std::set<std::string> names;
  for (const TowerPart& part : parts) names.insert(part.name);
  std::string out;
  for (const std::string& name : names) out += cat(out.empty() ? "" : ", ", escaped(name));
  return out;
}

// What the names suggest.
std::string_view tower_kind(std::string_view names) {
  const auto has = [&](std::string_view word) { return names.find(word) != names.npos; };
  const bool sees = has("vis") || has("image");
  const bool hears = has("audio") || has("speech");
  return sees && !hears ? "the vision tower" : hears && !sees ? "the audio tower" : "another tower";
}

TestResult place_result(const PlaceMatches& found, const std::string& names) {
  TestResult out;
  out.name = "T1 other tower, neurons in place";
  out.family = TensorFamily::tower_ffn;
  out.statistic = "neurons whose closest neuron in the reference is in the same place";
  out.null = "the order of the suspect's neurons is exchangeable in every layer";
  if (found.layers == 0) {
    out.note = "the models have no MLP of the same name and shape";
    return out;
  }
  out.effect = static_cast<double>(found.in_place) / static_cast<double>(found.queries);
  out.effect_min = kCopiedMin;
  out.not_seen = "neurons in another order";
  out.note = cat(found.in_place, " of ", found.queries, " neurons in ", found.layers, " layers");
  set_place_outcome(found, "the next place", out);
  out.note += cat("; ", names);
  return out;
}

}  // namespace

Result<TowerResults> tower_results(const ModelPair& pair) {
  std::vector<TowerPart> parts;
  for (const bool is_attention : {true, false}) {
    std::vector<TowerPart> kind;
    for (const TowerPart& part : tower_parts(pair)) {
      const bool fits = part.width <= kTowerWidthMax;
      if (part.is_attention == is_attention && fits) kind.push_back(part);
    }
    for (const size_t i : evenly(kind.size(), kSampledLayers)) parts.push_back(kind[i]);
  }
  if (parts.empty()) return TowerResults();
  std::vector<RowSigns> signs(parts.size());
  std::vector<PlaceMatches> places(parts.size());
  auto status = parallel_for(parts.size(), pair.threads, [&](size_t i, unsigned) -> Status {
    return parts[i].is_attention ? add_tower_signs(pair, parts[i], signs[i])
                                 : add_tower_places(pair, parts[i], places[i]);
  });
  if (!status) return std::move(status).error();
  RowSigns all_signs;
  PlaceMatches all_places;
  for (const RowSigns& one : signs) all_signs.merge(one);
  for (const PlaceMatches& one : places) all_places.add(one);
  const std::string names = tower_names(parts);
  const std::string none =
      all_signs.sum.terms == 0 ? "the models have no attention of the same name and shape" : "";
  std::vector<TestResult> tests = {
      sign_result({"T1 other tower, v/o", TensorFamily::tower_attention, kTowerStatistic,
                   "signs of head dimensions (v row with o column) are independent",
                   "V and O mixed within heads, head dimensions or heads in another order"},
                  all_signs, none, names, Basis::identity(1)),
      place_result(all_places, names)};
  return TowerResults{std::move(tests), cat(tower_kind(names), " (", names, ")")};
}

}  // namespace wmk::lineage
