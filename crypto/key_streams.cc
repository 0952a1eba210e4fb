#include "crypto/key_streams.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "base/memory/wiped.h"
#include "crypto/blake2b_states.h"

namespace wmk::crypto {

namespace {

constexpr size_t kStreamKeyBytes = 32, kStreamBlockBytes = 64;

// Some of the messages of streams, the same for all keys: purpose and counter.
struct CounterBlock {
  BlakeBlock block;
  size_t first, count;  // numbers of the blocks of streams, of all purposes one after the other
};

std::vector<CounterBlock> counter_blocks(std::span<const std::string_view> purposes,
                                         size_t blocks) {
  std::vector<CounterBlock> out;
  for (size_t i = 0; i < purposes.size(); ++i) {
    for (size_t first = 0; first < blocks; first += kBlakeSide) {
      CounterBlock& made = out.emplace_back();
      made.first = i * blocks + first;
      made.count = std::min(kBlakeSide, blocks - first);
      made.block.last = ~made.block.last;
      for (size_t side = 0; side < made.count; ++side) {
        std::array<char, sizeof(uint64_t)> counter;
        store_le(counter.data(), uint64_t{first + side});
        put_message(purposes[i], {counter.data(), counter.size()}, side, made.block);
      }
    }
  }
  return out;
}

}  // namespace

void keystreams(ByteView keys, std::span<const std::string_view> purposes, size_t blocks,
                std::span<std::byte> out) {
  assert(keys.size() % kStreamKeyBytes == 0);
  const size_t key_count = keys.size() / kStreamKeyBytes;
  assert(out.size() == key_count * purposes.size() * blocks * kStreamBlockBytes);
  const std::vector<CounterBlock> counters = counter_blocks(purposes, blocks);
  BlakeWords keyed[8], states[8];
  for (size_t first = 0; first < key_count; first += kBlakeSide) {
    const size_t count = std::min(kBlakeSide, key_count - first);
    absorb_keys(keys.subspan(first * kStreamKeyBytes, count * kStreamKeyBytes), kStreamKeyBytes,
                kStreamBlockBytes, keyed);
    for (size_t key = 0; key < count; ++key) {
      for (const CounterBlock& each : counters) {
        for (size_t i = 0; i < 8; ++i) states[i] = BlakeWords{} + keyed[i][key];
        compress_blocks(each.block, states);
        for (size_t side = 0; side < each.count; ++side) {
          const size_t at = (each.first + side) * key_count + first + key;
          write_hash(states, side, out.subspan(at * kStreamBlockBytes, kStreamBlockBytes));
        }
      }
    }
  }
  wipe(keyed, sizeof keyed);
  wipe(states, sizeof states);
}

}  // namespace wmk::crypto
