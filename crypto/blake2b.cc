#include "crypto/blake2b.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "crypto/sodium.h"

namespace wmk::crypto {

namespace {

constexpr size_t kBlockBytes = 64;
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
  const ByteView name = as_bytes(purpose);
  Bytes input(name.begin(), name.end());
  input.resize(name.size() + sizeof(uint64_t));
  WipedBytes out(bytes);
  std::array<std::byte, kBlockBytes> block;
  uint64_t counter = 0;
  for (size_t done = 0; done < bytes; done += kBlockBytes) {
    store_le(input.data() + name.size(), counter++);
    blake2b(key.reveal(), input, block);
    std::copy_n(block.begin(), std::min(kBlockBytes, bytes - done), out.begin() + done);
  }
  wipe(block.data(), block.size());
  return out;
}

}  // namespace wmk::crypto
