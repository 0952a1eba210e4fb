// What matched neurons show: signs that agree, and separate searches that agree (specs/lineage.md
// 6).
//
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "lineage/tests/neuron_match.h"
#include "lineage/tests/repeated_neurons.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

// Neurons of the reference on which two separate searches agree, each counted once, and the largest
// number that chance explains.
struct Coincidences {
  double count = 0, expected = 0;
  double log10_p(double inflation = 1) const {
    return stats::log10_poisson_tail(count, expected * inflation);
  }
  void add(const LayerMatch& layer);
};

// How much more often than by chance wrong layers coincide, with a margin; 1 if they follow chance.
// Neurons that share a residual basis coincide without being copies.
double inflation_of(const Coincidences& control);

// The model whose signs are independent, because its neurons are not copies of each other.
enum class SignSide { reference, suspect, neither };
SignSide sign_side_of(const RepeatedNeurons& repeated);
// The null hypothesis of a test of these signs.
std::string_view sign_null_of(SignSide side);

// The x of every query, with the neuron that carries its sign, numbered from `first` on.
std::vector<stats::SignedTerm> sign_terms(const LayerMatch& layer, SignSide side, uint64_t first);

}  // namespace wmk::lineage
