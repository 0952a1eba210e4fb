#include "neurons/careful/gate_signs.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/simd.h"

namespace wmk::neurons {

namespace {

// Constants of specs/careful.md 2.
constexpr size_t kNeighbours = 4;       // in the order of a table
constexpr size_t kKeyBytes = 3;         // of a table
constexpr size_t kNeighboursFew = 512;  // where signs are fewer than kBitsMin
constexpr size_t kDistanceOf128 = 24;   // signs of 128 that may differ
constexpr size_t kPairsOfUnit = 8;      // pairs kept for each neuron, on average

WMK_VECTORIZED void add_signs(const float* y, size_t count, uint64_t bit, uint64_t* words) {
  for (size_t u = 0; u < count; ++u) words[u] |= y[u] < 0 ? bit : 0;
}

WMK_VECTORIZED void count_differences(const uint64_t* low, const uint64_t* high, size_t step,
                                      size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>(__builtin_popcountll(low[i] ^ low[i + step]) +
                                  __builtin_popcountll(high[i] ^ high[i + step]));
  }
}

// The signs in bytes: byte b of unit u is at [b][u].
using SignBytes = std::vector<std::vector<uint8_t>>;

SignBytes bytes_of(const GateSigns& signs) {
  SignBytes bytes(signs.bits() / 8);
  for (size_t b = 0; b < bytes.size(); ++b) {
    const std::vector<uint64_t>& words = signs.words(b / 8);
    bytes[b].resize(words.size());
    for (size_t u = 0; u < words.size(); ++u) {
      bytes[b][u] = static_cast<uint8_t>(words[u] >> 8 * (b % 8));
    }
  }
  return bytes;
}

// Sorts `order` by a byte, keeping the order of equal ones.
void sort_by_byte(const std::vector<uint8_t>& bytes, std::vector<uint32_t>& order,
                  std::vector<uint32_t>& sorted) {
  std::array<uint32_t, 257> start{};
  for (uint32_t unit : order) ++start[bytes[unit] + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  sorted.resize(order.size());
  for (uint32_t unit : order) sorted[start[bytes[unit]]++] = unit;
  order.swap(sorted);
}

struct Candidate {
  UnitPair pair;
  unsigned distance;
};

// Compares each unit with the next ones of `order`.
void compare_neighbours(const GateSigns& signs, const std::vector<uint32_t>& order,
                        size_t neighbours, unsigned limit, std::vector<Candidate>& out) {
  std::array<std::vector<uint64_t>, 2> words;
  for (size_t w = 0; w < 2; ++w) {
    words[w].reserve(order.size());
    for (uint32_t unit : order) words[w].push_back(signs.words(w)[unit]);
  }
  std::vector<uint8_t> differences(order.size());
  for (size_t step = 1; step <= neighbours && step < order.size(); ++step) {
    const size_t count = order.size() - step;
    count_differences(words[0].data(), words[1].data(), step, count, differences.data());
    for (size_t i = 0; i < count; ++i) {
      if (differences[i] > limit) continue;
      const auto [first, second] = std::minmax(order[i], order[i + step]);
      out.push_back({{first, second}, differences[i]});
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
  words_[0].insert(words_[0].end(), words.begin(), words.begin() + count);
  words_[1].insert(words_[1].end(), words.begin() + count, words.end());
}

std::vector<UnitPair> likely_pairs(const GateSigns& signs, std::span<const uint8_t> present) {
  std::vector<uint32_t> order, sorted;
  for (uint32_t u = 0; u < signs.units(); ++u) {
    if (present[u]) order.push_back(u);
  }
  std::vector<Candidate> candidates;
  const bool few = signs.bits() < GateSigns::kBitsMin;
  if (few) {
    compare_neighbours(signs, order, kNeighboursFew, GateSigns::kBitsMin, candidates);
    return kept(std::move(candidates), signs.units(), true);
  }
  const auto limit = static_cast<unsigned>(signs.bits() * kDistanceOf128 / GateSigns::kBitsMax);
  const SignBytes bytes = bytes_of(signs);
  for (size_t table = 0; table < bytes.size(); ++table) {
    for (size_t i = kKeyBytes; i-- > 0;) {
      sort_by_byte(bytes[(table + i) % bytes.size()], order, sorted);
    }
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
