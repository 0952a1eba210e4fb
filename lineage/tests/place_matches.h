// Counts neurons or coordinates that are in the same place in both models (specs/lineage.md 13,
// 14).
//
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <vector>

#include "lineage/evidence.h"

namespace wmk::lineage {

// The closest row so far, for one query.
struct Closest {
  float product = 0;
  uint64_t place = ~uint64_t{0};
};
// Searches rows of the reference, `width` numbers each; the first row is in place `first`.
void find_closest(const std::vector<float>& queries, std::vector<float> rows, uint64_t first,
                  size_t width, std::vector<Closest>& closest);

// Queries of the suspect whose closest row in the reference is in the same place.
struct PlaceMatches {
  uint64_t queries = 0, layers = 0;
  uint64_t in_place = 0, next_place = 0;  // the latter is the control
  bool in_groups = false;                 // what is exchangeable are groups, and places within each
  static PlaceMatches of(const std::vector<Closest>& closest, const std::vector<uint64_t>& places,
                         uint64_t units);
  // P(K >= k) <= layers^k / k! if the order of every layer is exchangeable.
  static double log10_p(uint64_t count, uint64_t layers);
  // P(K >= k) <= exp(layers (e^t - 1)) / (1 + t)^k for every t > 0 if groups are exchangeable, and
  // so are places within each: those of one group are found together.
  static double log10_p_in_groups(uint64_t count, uint64_t layers);
  double log10_p_of(uint64_t count) const {
    return in_groups ? log10_p_in_groups(count, layers) : log10_p(count, layers);
  }
  void add(const PlaceMatches& other);
};

// Sets p, value, the outcome before correction, and the note about the control, which is subtracted
// where it stands out. `name` says what the control counts.
void set_place_outcome(const PlaceMatches& found, std::string_view name, TestResult& test);

}  // namespace wmk::lineage
