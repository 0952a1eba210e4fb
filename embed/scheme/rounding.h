// Stochastic rounding back to a tensor's own type (specs/mark.md 5, rounding).
//
// Purpose: rounding to nearest would erase most of a small change in bf16; rounding up with the
// right probability preserves it on average. The random word of an element depends only on the key,
// the tensor's name and the element's index, so the output is the same for any number of threads
// and any block size. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "checkpoint/numbers/dtype.h"
#include "crypto/secret.h"

namespace wmk::embed {

// LE64 of BLAKE2b-128(key = S_0, "rounding/" || tensor name).
uint64_t rounding_seed(const crypto::SecretBytes& key, std::string_view tensor_name);

// 16 random bits of element `index`.
uint16_t rounding_bits(uint64_t seed, uint64_t index);

// Rounds one value to bf16, f16, f8_e4m3, f8_e5m2 or f32 (which needs no rounding); `type` is a
// weight type. Values beyond the largest finite one become that one. Returns the stored bits.
uint32_t round_stochastic(checkpoint::DType type, float value, uint16_t random);

// Adds `delta` to `count` stored elements in place. Element i is i * step elements behind `bytes`
// and has index first_index + i * step in its tensor. Elements whose delta is zero keep their
// bytes.
void add_rounded(checkpoint::DType type, std::byte* bytes, size_t count, size_t step,
                 const float* delta, uint64_t seed, uint64_t first_index);

}  // namespace wmk::embed
