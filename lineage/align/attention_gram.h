// Gram matrices of attention: how similar are the attention matrices of two layers, whatever the
// order and basis of their head dimensions? (specs/lineage.md 10)
//
// Purpose: K = W^T W of q, k, v and o^T does not change with the order, the signs or the basis of
// head dimensions. The unbiased linear CKA of two such matrices is an effect without a verdict (T3,
// attention_agreement.h), and aligns layers (T5, layer_alignment.h). Computed on a sample of
// residual coordinates. Lifetime: values. Thread-safety: brings its own workers, same bits for any
// number of them.
#pragma once

#include <array>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr size_t kGramCoordinates = 256;

// Of q, k, v and o of one layer: centred, with zero diagonals and of unit length, so that a dot
// product is the unbiased linear CKA. All zeros if nothing is left after centring.
using LayerGrams = std::array<std::vector<float>, 4>;

struct AttentionGrams {
  size_t coordinates = 0;
  std::vector<uint64_t> layers;  // numbers as in tensor names
  std::vector<LayerGrams> of;    // by layer
};

// Of at most `layers_max` layers of one side of the pair, evenly spread, at `coordinates` of the
// reference.
Result<AttentionGrams> attention_grams(const ModelPair& pair, const Side& side, const Basis& basis,
                                       std::span<const size_t> coordinates, size_t layers_max);

// Centres a symmetric matrix as unbiased CKA needs it (Song and others) and scales it to unit
// length.
void centre_gram(std::span<float> gram, size_t size);
// Mean CKA over q, k, v, o.
double similarity(const LayerGrams& a, const LayerGrams& b);

}  // namespace wmk::lineage
