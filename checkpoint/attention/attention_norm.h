// Vectors of attention: norm weights and biases.
//
// Thread-safety: pure functions; they read tensors.
#pragma once

#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// The `size` values of a vector, 1 + w applied where `one_plus`; empty where it has another size or
// type. Errors are those of reading.
Result<std::vector<float>> read_attention_vector(const Checkpoint& checkpoint, size_t tensor,
                                                 uint64_t size, bool one_plus = false);

inline Result<std::vector<float>> read_attention_norm(const Checkpoint& checkpoint,
                                                      const AttentionTensor& norm, uint64_t size) {
  return read_attention_vector(checkpoint, norm.tensor, size, norm.one_plus);
}

}  // namespace wmk::checkpoint
