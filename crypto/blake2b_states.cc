#include "crypto/blake2b_states.h"

#include <algorithm>
#include <array>

#include "base/memory/wiped.h"
#include "base/simd.h"

namespace wmk::crypto {

namespace {

constexpr size_t kWords = 16;  // of 64 bits each
constexpr size_t kRounds = 12;

// RFC 7693, 2.6 and 2.7.
constexpr std::array<uint64_t, 8> kStart = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr uint8_t kOrders[10][kWords] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                         {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                         {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                         {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                         {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                         {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                         {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                         {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                         {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

__attribute__((always_inline)) inline void turn(BlakeWords& x, int bits) {
  x = x >> bits | x << (64 - bits);
}

__attribute__((always_inline)) inline void mix(BlakeWords* v, int a, int b, int c, int d,
                                               const BlakeWords& x, const BlakeWords& y) {
  v[a] += v[b] + x;
  v[d] ^= v[a];
  turn(v[d], 32);
  v[c] += v[d];
  v[b] ^= v[c];
  turn(v[b], 24);
  v[a] += v[b] + y;
  v[d] ^= v[a];
  turn(v[d], 16);
  v[c] += v[d];
  v[b] ^= v[c];
  turn(v[b], 63);
}

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

WMK_VECTORIZED void compress_blocks(const BlakeBlock& block, BlakeWords* states) {
  BlakeWords v[kWords];
  for (size_t i = 0; i < 8; ++i) {
    v[i] = states[i];
    v[i + 8] = BlakeWords{} + kStart[i];
  }
  v[12] ^= block.bytes;
  v[14] ^= block.last;
  for (size_t round = 0; round < kRounds; ++round) {
    const uint8_t* order = kOrders[round % 10];
    const auto word = [&](size_t i) -> const BlakeWords& { return block.message[order[i]]; };
    mix(v, 0, 4, 8, 12, word(0), word(1));
    mix(v, 1, 5, 9, 13, word(2), word(3));
    mix(v, 2, 6, 10, 14, word(4), word(5));
    mix(v, 3, 7, 11, 15, word(6), word(7));
    mix(v, 0, 5, 10, 15, word(8), word(9));
    mix(v, 1, 6, 11, 12, word(10), word(11));
    mix(v, 2, 7, 8, 13, word(12), word(13));
    mix(v, 3, 4, 9, 14, word(14), word(15));
  }
  for (size_t i = 0; i < 8; ++i) states[i] ^= v[i] ^ v[i + 8];
}

void put_message(std::string_view prefix, std::string_view message, size_t side,
                 BlakeBlock& block) {
  std::array<std::byte, kMessageBytes> bytes{};
  const auto end = std::copy_n(as_bytes(prefix).begin(), prefix.size(), bytes.begin());
  std::copy_n(as_bytes(message).begin(), message.size(), end);
  for (size_t w = 0; w < kWords; ++w) {
    block.message[w][side] = load_le<uint64_t>(&bytes[sizeof(uint64_t) * w]);
  }
  block.bytes[side] = kMessageBytes + prefix.size() + message.size();
}

void absorb_keys(ByteView keys, size_t key_bytes, size_t hash_bytes, BlakeWords* states) {
  BlakeBlock block{};
  for (size_t side = 0; side * key_bytes < keys.size(); ++side) {
    put_message({}, as_text(keys.subspan(side * key_bytes, key_bytes)), side, block);
    block.bytes[side] = kMessageBytes;
  }
  for (size_t i = 0; i < 8; ++i) states[i] = BlakeWords{} + kStart[i];
  states[0] ^= BlakeWords{} + (0x01010000 ^ key_bytes << 8 ^ hash_bytes);
  compress_blocks(block, states);
  wipe(&block, sizeof block);
}

void write_hash(const BlakeWords* states, size_t side, std::span<std::byte> out) {
  std::array<std::byte, 64> hash;
  for (size_t i = 0; i < 8; ++i) store_le(&hash[sizeof(uint64_t) * i], uint64_t{states[i][side]});
  std::copy_n(hash.begin(), out.size(), out.begin());
}

}  // namespace wmk::crypto
