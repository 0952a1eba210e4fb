// Another tower beside the language model (vision, audio): does it come from the reference?
// (specs/lineage.md 13)
//
// Purpose: of tensors that no rule of naming knows, blocks with plain attention and MLPs are found
// by their names, in both models under one name and shape. Two exact tests, each a family: signs of
// head dimensions (v row with o column), and neurons that stand in one place. Lifetime: values.
// Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include "lineage/tests/row_signs.h"
#include "lineage/verdict.h"

namespace wmk::lineage {

// For one neuron of the suspect: the closest row so far.
struct Closest {
  float product = 0;
  uint64_t place = ~uint64_t{0};
};
// Looks through rows of the reference, the first of which is in place `first`.
void find_closest(const std::vector<float>& queries, std::vector<float> rows, uint64_t first,
                  size_t width, std::vector<Closest>& closest);

// Neurons of the suspect whose closest one in the reference stands in the same place.
struct PlaceMatches {
  uint64_t queries = 0, layers = 0;
  uint64_t in_place = 0, next_place = 0;  // and the control
  static PlaceMatches of(const std::vector<Closest>& closest, const std::vector<uint64_t>& places,
                         uint64_t units);
  // P(K >= k) <= layers^k / k! where every layer's order is exchangeable.
  static double log10_p(uint64_t count, uint64_t layers);
  void add(const PlaceMatches& other);
};

// Results of both families; none where the models have no such tower in common.
Result<std::vector<TestResult>> tower_results(const Pair& pair);

// Weighs them and amends the judgement of the language model.
void judge_tower(std::vector<TestResult>& tests, Judgement& judgement);

}  // namespace wmk::lineage
