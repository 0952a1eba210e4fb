#include "lineage/model/sampling.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kRun = 16;             // neighbours that are read together
constexpr uint64_t kWholeGroupRun = 256;  // if a group is read whole
constexpr uint64_t kQuotaMin = 2 * kRun;  // of a group

}  // namespace

std::vector<size_t> evenly(size_t count, size_t most) {
  std::vector<size_t> out;
  const size_t taken = std::min(count, most);
  for (size_t i = 0; i < taken; ++i) out.push_back(i * count / taken);
  return out;
}

std::mt19937_64 random_for(uint64_t seed, std::string_view purpose) {
  std::vector<uint32_t> words = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  for (const char letter : purpose) words.push_back(static_cast<unsigned char>(letter));
  std::seed_seq sequence(words.begin(), words.end());
  return std::mt19937_64(sequence);
}

void shuffle(std::mt19937_64& random, std::vector<size_t>& order) {
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(random, i)]);
}

std::vector<size_t> sampled_coordinates(size_t width, size_t count, uint64_t seed,
                                        std::string_view purpose) {
  std::vector<size_t> out(width);
  std::iota(out.begin(), out.end(), size_t{0});
  if (width <= count) return out;
  auto random = random_for(seed, cat(purpose, "/coordinates"));
  for (size_t i = 0; i < count; ++i) std::swap(out[i], out[i + below(random, width - i)]);
  out.resize(count);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<NeuronRun> sample_runs(const Side& side, uint64_t layer, uint64_t samples,
                                   uint64_t seed, std::string_view purpose) {
  const auto& anatomy = *side.anatomy;
  const uint64_t all = neurons_of_layer(anatomy, layer);
  auto random = random_for(seed, cat(purpose, "/", layer));
  std::vector<NeuronRun> runs;
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
