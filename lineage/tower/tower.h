// Does another tower beside the language model (vision, audio) come from the reference?
// (specs/lineage.md 13)
//
// Purpose: among tensors that no naming rule recognises, finds blocks with plain attention and MLPs
// that have the same names and shapes in both models. Two exact tests, each a family: signs of head
// dimensions (v row with o column), and neurons that are in the same place. Lifetime: values.
// Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/evidence.h"
#include "lineage/tests/row_signs.h"
#include "lineage/verdict.h"

namespace wmk::lineage {

// The closest row so far, for one neuron of the suspect.
struct Closest {
  float product = 0;
  uint64_t place = ~uint64_t{0};
};
// Searches rows of the reference, `width` numbers each; the first row is in place `first`.
void find_closest(const std::vector<float>& queries, std::vector<float> rows, uint64_t first,
                  size_t width, std::vector<Closest>& closest);

// Neurons of the suspect whose closest neuron in the reference is in the same place.
struct PlaceMatches {
  uint64_t queries = 0, layers = 0;
  uint64_t in_place = 0, next_place = 0;  // the latter is the control
  static PlaceMatches of(const std::vector<Closest>& closest, const std::vector<uint64_t>& places,
                         uint64_t units);
  // P(K >= k) <= layers^k / k! if the order of every layer is exchangeable.
  static double log10_p(uint64_t count, uint64_t layers);
  void add(const PlaceMatches& other);
};

// The results of both families; none if the models have no such tower in common.
Result<std::vector<TestResult>> tower_results(const ModelPair& pair);

// Weighs these results and amends the judgement on the language model.
void judge_tower(std::vector<TestResult>& tests, LineageJudgement& judgement);

}  // namespace wmk::lineage
