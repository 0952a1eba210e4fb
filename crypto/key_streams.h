// Keyed streams (crypto/blake2b.h) of many keys: those of a million licensees.
//
// Thread-safety: pure function.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"

namespace wmk::crypto {

// The first `blocks` blocks (of 64 bytes) of keystream() of many keys of 32 bytes, for each of the
// purposes (of at most 120 bytes): the block of a key is compressed once for all of them. By
// purpose, by block, by key: out.size() == keys.size() / 32 * purposes.size() * blocks * 64.
void keystreams(ByteView keys, std::span<const std::string_view> purposes, size_t blocks,
                std::span<std::byte> out);

}  // namespace wmk::crypto
