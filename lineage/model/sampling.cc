#include "lineage/model/sampling.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kRun = 16;             // neighbours that are read together
constexpr uint64_t kWholeGroupRun = 256;  // if a group is read whole
constexpr uint64_t kQuotaMin = 2 * kRun;  // of a group, unless groups are many

// How many neurons each group of a layer contributes.
struct Quotas {
  std::vector<uint64_t> of;
  // No room for a whole group in place of a quota that is a little smaller.
  bool strict = false;
};

// Each group gets its share of the samples, and at least a minimum: kQuotaMin, or less where groups
// are so many that the minima would take more than half of the samples. The total is at most
// `samples`, of which there are at least as many as groups.
Quotas quotas_of(const std::vector<uint64_t>& units, uint64_t samples) {
  const uint64_t groups = units.size();
  const uint64_t all = std::accumulate(units.begin(), units.end(), uint64_t{0});
  const uint64_t half = groups == 0 ? 0 : samples / (2 * groups);
  const uint64_t least = std::clamp(half, uint64_t{1}, kQuotaMin);
  Quotas out;
  for (const uint64_t count : units) {
    const double share =
        static_cast<double>(samples) * static_cast<double>(count) / static_cast<double>(all);
    out.of.push_back(std::max(least, static_cast<uint64_t>(share)));
  }
  out.strict = least < kQuotaMin;
  if (std::accumulate(out.of.begin(), out.of.end(), uint64_t{0}) <= samples) return out;
  // Small groups got more than their share: the others share what the minima leave.
  out.strict = true;
  const double left = static_cast<double>(samples - least * groups) / static_cast<double>(all);
  for (size_t i = 0; i < units.size(); ++i) {
    out.of[i] = least + static_cast<uint64_t>(left * static_cast<double>(units[i]));
  }
  return out;
}

// The groups of a layer to read. If there are fewer samples than groups, every k-th group.
std::vector<size_t> sampled_groups(const checkpoint::Anatomy& anatomy, uint64_t layer,
                                   uint64_t samples) {
  const auto all = groups_of_layer(anatomy, layer);
  std::vector<size_t> out;
  for (const size_t i : evenly(all.size(), samples)) out.push_back(all[i]);
  return out;
}

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
  const auto groups = sampled_groups(anatomy, layer, samples);
  std::vector<uint64_t> sizes;
  for (const size_t g : groups) sizes.push_back(anatomy.groups[g].units);
  const Quotas quotas = quotas_of(sizes, samples);
  auto random = random_for(seed, cat(purpose, "/", layer));
  std::vector<NeuronRun> runs;
  for (size_t i = 0; i < groups.size(); ++i) {
    const uint64_t units = sizes[i], quota = quotas.of[i];
    if (quota + (quotas.strict ? 0 : kRun - 1) >= units) {
      for (uint64_t first = 0; first < units; first += kWholeGroupRun) {
        runs.push_back({groups[i], first, std::min(kWholeGroupRun, units - first)});
      }
      continue;
    }
    const uint64_t run = std::min(kRun, quota), pieces = quota / run;
    for (uint64_t piece = 0; piece < pieces; ++piece) {
      const uint64_t begin = piece * units / pieces, end = (piece + 1) * units / pieces;
      runs.push_back({groups[i], begin + below(random, end - begin - run + 1), run});
    }
  }
  return runs;
}

}  // namespace wmk::lineage
