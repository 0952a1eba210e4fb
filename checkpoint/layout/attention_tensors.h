// The tensors of attention, by layer and part.
//
// Purpose: the names under which q, k, v and o are stored. Lifetime: indices into the tensors.
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

enum class AttentionPart { q, k, v, qkv, o, norm };

using AttentionParts = std::map<AttentionPart, size_t>;
struct AttentionTensors {
  AttentionParts matrices, biases;  // norm weights are among the matrices
  AttentionParts& of(bool is_bias) { return is_bias ? biases : matrices; }
};

// Tensors in `duplicates` (ascending) are left out.
std::map<uint64_t, AttentionTensors> attention_tensors(const std::vector<Tensor>& tensors,
                                                       const std::vector<size_t>& duplicates);

}  // namespace wmk::checkpoint
