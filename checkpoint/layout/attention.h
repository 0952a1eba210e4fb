// Where the attention matrices of a checkpoint are, head by head.
//
// Purpose: what the anatomy is for units, for q, k, v and o: views of vectors of the residual
// width, whatever the names and however many parts are fused. A view, not a
// requirement: a model whose attention has another form says why instead.
// Lifetime: refers to tensors by index. Thread-safety: immutable.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

struct AttentionLayer {
  uint64_t layer = 0;
  View q, k, v, o;          // rows of q, k, v; columns of o
  std::vector<float> gain;  // of the norm in front, 1 + w applied; empty: none found
  std::vector<float> q_bias, k_bias, v_bias;  // one number a row; empty: none found
};

struct Attention {
  uint64_t heads = 0, kv_heads = 0, head_size = 0;
  // Pairs that rotate together: (2i, 2i + 1); else (i, i + head_size / 2).
  bool interleaved = false;
  std::vector<AttentionLayer> layers;  // ascending
  std::string missing;                 // why there are no layers here; else empty
};

// Errors are those of reading gains and biases.
Result<Attention> find_attention(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                 const Config& config);

}  // namespace wmk::checkpoint
