// SHA-256 of two messages at once on one core, by the processor's SHA instructions.
//
// Purpose: one message leaves the unit idle half of the time, since each step waits for the one
// before; a second message fills the gaps. Where the processor has no such instructions, Hasher is
// what to use. Thread-safety: one caller an object.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace wmk::sign {

bool has_sha_instructions();

inline constexpr size_t kShaBlockBytes = 64;

// A message so far, in whole blocks.
struct ShaState {
  std::array<uint32_t, 8> words = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t blocks = 0;
};

// Only where has_sha_instructions().
void absorb_blocks(ShaState& state, const std::byte* from, size_t blocks);
void absorb_blocks(ShaState& one, const std::byte* from_one, ShaState& two,
                   const std::byte* from_two, size_t blocks);
// `rest`: what comes behind the blocks, fewer than 64 bytes.
Bytes finish(ShaState state, ByteView rest);

}  // namespace wmk::sign
