#include "crypto/blake2b.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "crypto/keyed_hashes.h"
#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kBlocksAtOnce = 8;
constexpr size_t kDerivedBytes = 32;

}  // namespace

void blake2b(ByteView key, ByteView data, std::span<std::byte> out) {
  assert(key.empty() || (key.size() >= 16 && key.size() <= 64));
  assert(!out.empty() && out.size() <= 64);
  require_sodium();
  [[maybe_unused]] const int failed =
      crypto_generichash_blake2b(octets(out.data()), out.size(), octets(data.data()), data.size(),
                                 octets(key.data()), key.size());
  assert(failed == 0);  // fails only for sizes out of range
}

SecretBytes derive(const SecretBytes& key, std::string_view data) {
  SecretBytes derived = SecretBytes::zeros(kDerivedBytes);
  blake2b(key.reveal(), as_bytes(data), derived.reveal_for_writing());
  return derived;
}

WipedBytes keystream(const SecretBytes& key, std::string_view purpose, size_t bytes) {
  const KeyedHashes hashes(key, purpose, kBlockBytes);
  WipedBytes out(bytes), blocks(kBlocksAtOnce * kBlockBytes);
  std::array<std::string, kBlocksAtOnce> counters;
  counters.fill(std::string(sizeof(uint64_t), '\0'));
  uint64_t counter = 0;
  for (size_t done = 0; done < bytes; done += blocks.size()) {
    const size_t wanted = std::min(blocks.size(), bytes - done);
    const size_t count = (wanted + kBlockBytes - 1) / kBlockBytes;
    for (size_t i = 0; i < count; ++i) store_le(counters[i].data(), counter++);
    hashes.hash(std::span(counters).first(count), std::span(blocks).first(count * kBlockBytes));
    std::copy_n(blocks.begin(), wanted, out.begin() + static_cast<std::ptrdiff_t>(done));
  }
  return out;
}

}  // namespace wmk::crypto
