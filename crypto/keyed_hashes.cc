#include "crypto/keyed_hashes.h"

#include <algorithm>
#include <cassert>

#include "base/simd.h"
#include "base/wiped.h"
#include "crypto/blake2b.h"

namespace wmk::crypto {

namespace {

constexpr size_t kMessageBytes = 128;  // of one block
constexpr size_t kWords = 16;          // of 64 bits each
constexpr size_t kSide = 8;            // messages side by side
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

// One word of each of the messages.
using Words = uint64_t __attribute__((vector_size(kSide * sizeof(uint64_t))));

struct Block {
  Words message[kWords];
  Words bytes;  // hashed so far, this block and that of the key included
  Words last;   // all bits where no block follows
};

__attribute__((always_inline)) inline void turn(Words& x, int bits) {
  x = x >> bits | x << (64 - bits);
}

__attribute__((always_inline)) inline void mix(Words* v, int a, int b, int c, int d, const Words& x,
                                               const Words& y) {
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

// The compression function F of eight states.
WMK_VECTORIZED void compress(const Block& block, Words* states) {
  Words v[kWords];
  for (size_t i = 0; i < 8; ++i) {
    v[i] = states[i];
    v[i + 8] = Words{} + kStart[i];
  }
  v[12] ^= block.bytes;
  v[14] ^= block.last;
  for (size_t round = 0; round < kRounds; ++round) {
    const uint8_t* order = kOrders[round % 10];
    const auto word = [&](size_t i) -> const Words& { return block.message[order[i]]; };
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

// Writes a message of up to 128 bytes as number `side` of the block.
void put(std::string_view prefix, std::string_view message, size_t side, Block& block) {
  std::array<std::byte, kMessageBytes> bytes{};
  const auto end = std::copy_n(as_bytes(prefix).begin(), prefix.size(), bytes.begin());
  std::copy_n(as_bytes(message).begin(), message.size(), end);
  for (size_t w = 0; w < kWords; ++w) {
    block.message[w][side] = load_le<uint64_t>(&bytes[sizeof(uint64_t) * w]);
  }
  block.bytes[side] = kMessageBytes + prefix.size() + message.size();
}

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// States after the blocks of up to eight keys of this size.
void absorb_keys(ByteView keys, size_t key_bytes, size_t hash_bytes, Words* states) {
  Block block{};
  for (size_t side = 0; side * key_bytes < keys.size(); ++side) {
    put({}, as_text(keys.subspan(side * key_bytes, key_bytes)), side, block);
    block.bytes[side] = kMessageBytes;
  }
  for (size_t i = 0; i < 8; ++i) states[i] = Words{} + kStart[i];
  states[0] ^= Words{} + (0x01010000 ^ key_bytes << 8 ^ hash_bytes);
  compress(block, states);
  wipe(&block, sizeof block);
}

}  // namespace

KeyedHashes::KeyedHashes(const SecretBytes& key, std::string_view prefix, size_t bytes)
    : key_(key), prefix_(prefix), bytes_(bytes) {
  assert(key.size() >= 16 && key.size() <= 64 && bytes >= 1 && bytes <= 64);
  Words states[8];
  absorb_keys(key.reveal(), key.size(), bytes, states);
  for (size_t i = 0; i < 8; ++i) after_key_[i] = states[i][0];
  wipe(states, sizeof states);
}

KeyedHashes::~KeyedHashes() { wipe(after_key_.data(), sizeof after_key_); }

void KeyedHashes::hash(std::span<const std::string> messages, std::span<std::byte> out) const {
  assert(out.size() == messages.size() * bytes_);
  Block block{};
  block.last = ~block.last;
  std::array<size_t, kSide> waiting;  // numbers of the messages in the block
  size_t count = 0;
  const auto finish = [&] {
    Words states[8];
    for (size_t i = 0; i < 8; ++i) states[i] = Words{} + after_key_[i];
    compress(block, states);
    for (size_t side = 0; side < count; ++side) {
      std::array<std::byte, 64> hash;
      for (size_t i = 0; i < 8; ++i)
        store_le(&hash[sizeof(uint64_t) * i], uint64_t{states[i][side]});
      std::copy_n(hash.begin(), bytes_, &out[waiting[side] * bytes_]);
    }
    count = 0;
  };
  for (size_t i = 0; i < messages.size(); ++i) {
    const size_t size = prefix_.size() + messages[i].size();
    if (size == 0 || size > kMessageBytes) {  // the block of the key is the last, or one of more
      blake2b(key_.reveal(), as_bytes(prefix_ + messages[i]), out.subspan(i * bytes_, bytes_));
      continue;
    }
    put(prefix_, messages[i], count, block);
    waiting[count++] = i;
    if (count == kSide) finish();
  }
  if (count > 0) finish();
}

void keystreams(std::span<const std::byte> keys, std::string_view purpose, size_t blocks,
                std::span<std::byte> out) {
  constexpr size_t kKeyBytes = 32, kHashBytes = 64;
  assert(keys.size() % kKeyBytes == 0 && blocks >= 1 && blocks <= kSide);
  assert(out.size() == keys.size() / kKeyBytes * blocks * kHashBytes);
  Block block{};  // the same for all keys: block number i on side i
  for (size_t side = 0; side < kSide; ++side) {
    std::array<char, sizeof(uint64_t)> counter;
    store_le(counter.data(), uint64_t{side});
    put(purpose, {counter.data(), counter.size()}, side, block);
  }
  block.last = ~block.last;
  std::byte* to = out.data();
  Words keyed[8], states[8];
  for (size_t first = 0; first < keys.size(); first += kSide * kKeyBytes) {
    const ByteView part = keys.subspan(first, std::min(kSide * kKeyBytes, keys.size() - first));
    absorb_keys(part, kKeyBytes, kHashBytes, keyed);
    for (size_t key = 0; key * kKeyBytes < part.size(); ++key) {
      for (size_t i = 0; i < 8; ++i) states[i] = Words{} + keyed[i][key];
      compress(block, states);
      for (size_t side = 0; side < blocks; ++side) {
        for (size_t i = 0; i < 8; ++i, to += sizeof(uint64_t)) {
          store_le(to, uint64_t{states[i][side]});
        }
      }
    }
  }
  wipe(keyed, sizeof keyed);
  wipe(states, sizeof states);
}

}  // namespace wmk::crypto
