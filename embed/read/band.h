// Bands of strength: neurons or heads whose strengths differ by no more than 2^4, and the windows
// of two bands that are scored (specs/careful.md 4, specs/careful_heads.md 3).
//
// Lifetime: values. Thread-safety: pure functions and values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace wmk::embed {

inline constexpr size_t kBandsKept = 12;  // with sketches, in memory

// What the neurons or heads of one band add up to.
template <class Sketches>
struct BandOf {
  uint64_t count = 0;   // after merging
  uint64_t merged = 0;  // of the file, that were merged with another
  bool limited = false;
  std::optional<Sketches> sketches;  // none: not kept

  void merge(BandOf&& other) {
    count += other.count;
    merged += other.merged;
    limited = limited || other.limited;
    if (!other.sketches) return;
    if (sketches) {
      sketches->merge(*other.sketches);
    } else {
      sketches = std::move(other.sketches);
    }
  }
};
template <class Sketches>
using BandsOf = std::map<int, BandOf<Sketches>>;

// floor(log2(strength) / 4).
int band_of(double log2_strength);

// How many bands there are in either.
template <class Bands>
size_t bands_in_either(const Bands& a, const Bands& b) {
  return a.size() + static_cast<size_t>(std::count_if(b.begin(), b.end(), [&](const auto& band) {
           return !a.contains(band.first);
         }));
}

template <class Bands>
void merge_bands(Bands&& from, Bands& to) {
  for (auto& [number, band] : from) to[number].merge(std::move(band));
}

// The sum of the two bands of a window, which are kept with sketches. `zero`: sketches of nothing.
template <class Sketches>
BandOf<Sketches> sum_of_window(const BandsOf<Sketches>& bands, int first, Sketches zero) {
  BandOf<Sketches> out{.sketches = std::move(zero)};
  for (const int number : {first, first + 1}) {
    const auto found = bands.find(number);
    if (found == bands.end()) continue;
    out.count += found->second.count;
    out.merged += found->second.merged;
    out.limited = out.limited || found->second.limited;
    out.sketches->merge(*found->second.sketches);
  }
  return out;
}

// Sketches are made of the two bands of a window, starting from `zero`.
template <class Sketches>
void keep_window(int first, const Sketches& zero, BandsOf<Sketches>& bands) {
  for (const int number : {first, first + 1}) {
    const auto found = bands.find(number);
    if (found != bands.end()) found->second.sketches.emplace(zero);
  }
}

// `counts`: by number of a band. First bands of at most three windows of two, each with at least
// one in a hundred of all, the largest first.
std::vector<int> largest_windows(const std::map<int, uint64_t>& counts);
template <class Sketches>
std::vector<int> largest_windows(const BandsOf<Sketches>& bands) {
  std::map<int, uint64_t> counts;
  for (const auto& [number, band] : bands) counts[number] = band.count;
  return largest_windows(counts);
}

}  // namespace wmk::embed
