// T3: are the attention matrices of two layers alike, whatever their heads look like inside?
// (specs/lineage.md 10)
//
// Purpose: K = W^T W of q, k, v and o^T knows nothing of the order, the signs and the basis of head
// dimensions. Its unbiased linear CKA is an effect, never a verdict; it also tells which layer
// answers which (layer_alignment.h). Taken on a sample of residual coordinates. Lifetime: values.
// Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include <array>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr size_t kGramCoordinates = 256;
inline constexpr unsigned kGramPermutations = 199;

// q, k, v, o of one layer: centred, without diagonals, of unit length, so that a dot product is the
// unbiased linear CKA. Empty where a matrix has no length.
using LayerGrams = std::array<std::vector<float>, 4>;

struct AttentionGrams {
  size_t coordinates = 0;
  std::vector<uint64_t> layers;  // numbers as in tensor names
  std::vector<LayerGrams> of;    // by layer
};

// Of `layers_max` layers of a side of the pair, evenly spread, at `coordinates` of the basis that
// `gauge` leads to.
Result<AttentionGrams> attention_grams(const Pair& pair, const Side& side, const Gauge& gauge,
                                       std::span<const size_t> coordinates, size_t layers_max);

// From a symmetric matrix: what CKA compares (Song and others' unbiased form).
void centre_gram(std::span<float> gram, size_t size);
// Mean CKA over q, k, v, o.
double alikeness(const LayerGrams& a, const LayerGrams& b);

struct GramAgreement {
  double mean = 0;                    // CKA over the layers that correspond
  std::array<double, 4> by_matrix{};  // q, k, v, o
  size_t layers = 0;
  unsigned at_least = 0;  // permutations of coordinates that reach the mean
  double null_sd = 0;     // of the mean under these
  double log10_p() const;
};
// One permutation of the coordinates for all layers: exact in the models' own coordinates.
GramAgreement gram_agreement(const AttentionGrams& suspect, const AttentionGrams& reference,
                             const std::vector<LayerPair>& layers, uint64_t seed, unsigned threads);

TestResult gram_result(const GramAgreement& found, const Gauge& gauge);

}  // namespace wmk::lineage
