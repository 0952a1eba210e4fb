#include "crypto/keyed_hashes.h"

#include <algorithm>
#include <cassert>

#include "base/memory/wiped.h"
#include "crypto/blake2b.h"
#include "crypto/blake2b_states.h"

namespace wmk::crypto {

KeyedHashes::KeyedHashes(const SecretBytes& key, std::string_view prefix, size_t bytes)
    : key_(key), prefix_(prefix), bytes_(bytes) {
  assert(key.size() >= 16 && key.size() <= 64 && bytes >= 1 && bytes <= 64);
  BlakeWords states[8];
  absorb_keys(key.reveal(), key.size(), bytes, states);
  for (size_t i = 0; i < 8; ++i) after_key_[i] = states[i][0];
  wipe(states, sizeof states);
}

KeyedHashes::~KeyedHashes() { wipe(after_key_.data(), sizeof after_key_); }

void KeyedHashes::hash(std::span<const std::string> messages, std::span<std::byte> out) const {
  assert(out.size() == messages.size() * bytes_);
  BlakeBlock block{};
  block.last = ~block.last;
  std::array<size_t, kBlakeSide> waiting;  // numbers of the messages in the block
  size_t count = 0;
  const auto finish = [&] {
    BlakeWords states[8];
    for (size_t i = 0; i < 8; ++i) states[i] = BlakeWords{} + after_key_[i];
    compress_blocks(block, states);
    for (size_t side = 0; side < count; ++side) {
      write_hash(states, side, out.subspan(waiting[side] * bytes_, bytes_));
    }
    count = 0;
  };
  for (size_t i = 0; i < messages.size(); ++i) {
    const size_t size = prefix_.size() + messages[i].size();
    if (size == 0 || size > kMessageBytes) {  // the block of the key is the last, or one of more
      blake2b(key_.reveal(), as_bytes(prefix_ + messages[i]), out.subspan(i * bytes_, bytes_));
      continue;
    }
    put_message(prefix_, messages[i], count, block);
    waiting[count++] = i;
    if (count == kBlakeSide) finish();
  }
  if (count > 0) finish();
}

}  // namespace wmk::crypto
