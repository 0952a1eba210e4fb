// BLAKE2b of four messages side by side, in vector registers (RFC 7693).
//
// Purpose: what keyed_hashes.h and key_streams.h are made of. Lifetime: values; whoever holds
// states of a secret key wipes them. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace wmk::crypto {

inline constexpr size_t kMessageBytes = 128;  // of one block
// The 16 words of four states are the registers of AVX2. Eight states would need twice as many, and
// take three times as long there.
inline constexpr size_t kBlakeSide = 4;

// One word of each of the messages, or states; aligned as code for AVX expects it.
using BlakeWords = uint64_t __attribute__((vector_size(kBlakeSide * sizeof(uint64_t)),
                                           aligned(kBlakeSide * sizeof(uint64_t))));

struct BlakeBlock {
  BlakeWords message[16];
  BlakeWords bytes;  // hashed so far, this block and that of the key included
  BlakeWords last;   // all bits where no block follows
};

// Writes a message of up to 128 bytes, behind a key, as number `side` of the block.
void put_message(std::string_view prefix, std::string_view message, size_t side, BlakeBlock& block);
// The compression function F of the states (8 words).
void compress_blocks(const BlakeBlock& block, BlakeWords* states);
// States after the blocks of up to kBlakeSide keys of this size.
void absorb_keys(ByteView keys, size_t key_bytes, size_t hash_bytes, BlakeWords* states);
// The first bytes of one of the hashes.
void write_hash(const BlakeWords* states, size_t side, std::span<std::byte> out);

}  // namespace wmk::crypto
