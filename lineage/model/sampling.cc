#include "lineage/model/sampling.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kRun = 16;             // neighbours that are read together
constexpr uint64_t kWholeGroupRun = 256;  // where a group is taken whole
constexpr uint64_t kQuotaMin = 2 * kRun;  // of a group

}  // namespace

uint64_t units_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer) {
  uint64_t units = 0;
  for (const size_t g : groups_of_layer(anatomy, layer)) units += anatomy.groups[g].units;
  return units;
}

std::vector<UnitRun> sample_runs(const Side& side, uint64_t layer, uint64_t samples, uint64_t seed,
                                 std::string_view purpose) {
  const auto& anatomy = *side.anatomy;
  const uint64_t all = units_of_layer(anatomy, layer);
  auto random = random_for(seed, cat(purpose, "/", layer));
  std::vector<UnitRun> runs;
  for (const size_t g : groups_of_layer(anatomy, layer)) {
    const uint64_t units = anatomy.groups[g].units;
    const double share =
        static_cast<double>(samples) * static_cast<double>(units) / static_cast<double>(all);
    const uint64_t quota = std::max(kQuotaMin, static_cast<uint64_t>(share));
    if (quota + kRun > units) {
      for (uint64_t first = 0; first < units; first += kWholeGroupRun) {
        runs.push_back({g, first, std::min(kWholeGroupRun, units - first)});
      }
      continue;
    }
    const uint64_t pieces = quota / kRun;
    for (uint64_t i = 0; i < pieces; ++i) {
      const uint64_t begin = i * units / pieces, end = (i + 1) * units / pieces;
      runs.push_back({g, begin + below(random, end - begin - kRun + 1), kRun});
    }
  }
  return runs;
}

}  // namespace wmk::lineage
