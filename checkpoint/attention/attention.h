// Where the attention matrices of a checkpoint are, head by head.
//
// Purpose: views of q, k, v and o as vectors of the residual width, whatever their names and
// however they are fused. If the attention of a model has another form, Attention::missing says
// why. Lifetime: refers to tensors by index. Thread-safety: immutable.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

struct AttentionLayer {
  uint64_t layer = 0;
  View q, k, v, o;  // rows of q, k, v; columns of o
  // Of the norm before the block, 1 + w applied; empty: none found.
  std::vector<float> norm_weight;
  std::vector<float> q_bias, k_bias, v_bias;  // one number per row; empty: none found
};

struct Attention {
  uint64_t heads = 0, kv_heads = 0, head_size = 0;
  // Rotary pairs are (2i, 2i + 1); else (i, i + head_size / 2).
  bool interleaved = false;
  std::vector<AttentionLayer> layers;  // ascending
  std::string missing;                 // why there are no layers; else empty
};

// Errors are those of reading norm weights and biases.
Result<Attention> find_attention(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                 const Config& config);

}  // namespace wmk::checkpoint
