// The numbers and the size of attention heads, from the config where it fits the matrices and else
// from the matrices alone.
//
// Purpose: a config that is silent or wrong must not hide the heads. Lifetime: plain values.
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

struct HeadSizes {
  uint64_t heads = 0, kv_heads = 0, head_size = 0;

  bool fits(uint64_t q_rows, uint64_t kv_rows) const;
};

// What the config says; none if it is silent or its numbers are impossible.
std::optional<HeadSizes> declared_head_sizes(const Config& config, uint64_t width);

// The declared sizes if they fit the rows of q and k. Else the declared number of heads of q, or
// the declared size of a head, or else the first of 128, 64, 96, 80, 256, 112, 72, 48, 40, 32, 16,
// 8, 4, 2 that divides the rows so that each head of k serves the same number of heads of q. The
// shapes alone do not tell 128 from 64, so that a model with other heads may get the wrong size.
// None if nothing fits.
std::optional<HeadSizes> head_sizes(const Config& config, uint64_t width, uint64_t q_rows,
                                    uint64_t kv_rows);

// The same for the vectors of O and V, whose heads may have a size of their own.
std::optional<HeadSizes> value_sizes(const Config& config, uint64_t width, uint64_t o_vectors,
                                     uint64_t v_vectors);

// Heads of latent attention: `up_rows` rows, of which each head has its part of the keys and
// head_size values; kv_heads == heads.
std::optional<HeadSizes> latent_sizes(const Config& config, uint64_t o_vectors, uint64_t up_rows);

}  // namespace wmk::checkpoint
