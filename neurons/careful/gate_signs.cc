#include "neurons/careful/gate_signs.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/simd.h"

namespace wmk::neurons {

namespace {

// Constants of specs/careful.md 2.
constexpr size_t kNeighbours = 4;       // in the order of a table
constexpr size_t kKeyBytes = 3;         // of a table
constexpr size_t kBitsMin = 64;         // fewer signs say too little: more neighbours
constexpr size_t kNeighboursFew = 512;  // then
constexpr size_t kDistanceOf128 = 24;   // signs of 128 that may differ
constexpr size_t kPairsOfUnit = 8;      // pairs kept for each neuron, on average

WMK_VECTORIZED void add_signs(const float* y, size_t count, uint64_t bit, uint64_t* words) {
  for (size_t u = 0; u < count; ++u) words[u] |= y[u] < 0 ? bit : 0;
}

// Sorts `order` by one byte of the signs, keeping the order of equal ones.
void sort_by_byte(const GateSigns& signs, size_t index, std::vector<uint32_t>& order,
                  std::vector<uint32_t>& sorted) {
  std::array<uint32_t, 257> start{};
  for (uint32_t unit : order) ++start[signs.byte(unit, index) + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  sorted.resize(order.size());
  for (uint32_t unit : order) sorted[start[signs.byte(unit, index)]++] = unit;
  order.swap(sorted);
}

struct Candidate {
  UnitPair pair;
  unsigned distance;
};

void compare_neighbours(const GateSigns& signs, const std::vector<uint32_t>& order,
                        size_t neighbours, unsigned limit, std::vector<Candidate>& out) {
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t end = std::min(order.size(), i + 1 + neighbours);
    for (size_t j = i + 1; j < end; ++j) {
      const unsigned distance = signs.distance(order[i], order[j]);
      if (distance > limit) continue;
      out.push_back({{std::min(order[i], order[j]), std::max(order[i], order[j])}, distance});
    }
  }
}

// All of them if they are few, else those of a shortest spanning forest.
std::vector<UnitPair> kept(std::vector<Candidate> candidates, size_t units, bool all) {
  const auto key = [](const Candidate& c) {
    return std::tuple(c.distance, c.pair.first, c.pair.second);
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const Candidate& a, const Candidate& b) { return key(a) < key(b); });
  const auto last =
      std::unique(candidates.begin(), candidates.end(),
                  [&](const Candidate& a, const Candidate& b) { return key(a) == key(b); });
  candidates.erase(last, candidates.end());
  all = all || candidates.size() <= kPairsOfUnit * units;
  Components joined(all ? 0 : units);
  std::vector<UnitPair> out;
  for (const Candidate& c : candidates) {
    if (all || joined.join(c.pair.first, c.pair.second)) out.push_back(c.pair);
  }
  return out;
}

}  // namespace

GateSigns::GateSigns(size_t coordinates)
    : bits_(coordinates < kBitsMin ? coordinates : std::min(coordinates, kBitsMax) / 8 * 8) {}

void GateSigns::append(std::span<const float> y, size_t count) {
  std::vector<uint64_t> words(2 * count);
  for (size_t c = 0; c < bits_; ++c) {
    add_signs(&y[c * count], count, uint64_t{1} << c % 64, &words[c / 64 * count]);
  }
  for (size_t u = 0; u < count; ++u) words_.push_back({words[u], words[count + u]});
}

unsigned GateSigns::distance(size_t a, size_t b) const {
  return static_cast<unsigned>(std::popcount(words_[a][0] ^ words_[b][0]) +
                               std::popcount(words_[a][1] ^ words_[b][1]));
}

uint8_t GateSigns::byte(size_t unit, size_t index) const {
  index %= bits_ / 8;
  return static_cast<uint8_t>(words_[unit][index / 8] >> 8 * (index % 8));
}

std::vector<UnitPair> likely_pairs(const GateSigns& signs, std::span<const uint8_t> present) {
  std::vector<uint32_t> order, sorted;
  for (uint32_t u = 0; u < signs.units(); ++u) {
    if (present[u]) order.push_back(u);
  }
  std::vector<Candidate> candidates;
  const bool few = signs.bits() < kBitsMin;
  if (few) {
    compare_neighbours(signs, order, kNeighboursFew, kBitsMin, candidates);
    return kept(std::move(candidates), signs.units(), true);
  }
  const auto limit = static_cast<unsigned>(signs.bits() * kDistanceOf128 / GateSigns::kBitsMax);
  for (size_t table = 0; table < signs.bits() / 8; ++table) {
    for (size_t i = kKeyBytes; i-- > 0;) sort_by_byte(signs, table + i, order, sorted);
    compare_neighbours(signs, order, kNeighbours, limit, candidates);
  }
  return kept(std::move(candidates), signs.units(), false);
}

Components::Components(size_t count) : parent_(count) {
  std::iota(parent_.begin(), parent_.end(), 0u);
}

uint32_t Components::root(uint32_t unit) {
  while (parent_[unit] != unit) unit = parent_[unit] = parent_[parent_[unit]];
  return unit;
}

// The smaller number stays the root.
bool Components::join(uint32_t a, uint32_t b) {
  a = root(a);
  b = root(b);
  if (a == b) return false;
  parent_[std::max(a, b)] = std::min(a, b);
  return true;
}

}  // namespace wmk::neurons
