// Hashes of many messages are those of one by one.
#include "crypto/keyed_hashes.h"

#include <catch2/catch.hpp>

#include "crypto/blake2b.h"

namespace wmk::crypto {
namespace {

SecretBytes key_of(size_t size) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(37 * i + 11);
  return SecretBytes::take(bytes);
}

// Messages of 0 to 140 bytes, in no order of length.
std::vector<std::string> messages(size_t count) {
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) {
    std::string message(i * 53 % 141, ' ');
    for (size_t j = 0; j < message.size(); ++j) message[j] = static_cast<char>(i * 31 + j * 7);
    out.push_back(std::move(message));
  }
  return out;
}

void check(const SecretBytes& key, std::string_view prefix, size_t bytes, size_t count) {
  const auto all = messages(count);
  Bytes hashes(count * bytes), expected(bytes);
  KeyedHashes(key, prefix, bytes).hash(all, hashes);
  for (size_t i = 0; i < count; ++i) {
    blake2b(key.reveal(), as_bytes(std::string(prefix) + all[i]), expected);
    CAPTURE(prefix, bytes, count, i, all[i].size());
    CHECK(std::equal(expected.begin(), expected.end(), &hashes[i * bytes]));
  }
}

}  // namespace

TEST_CASE("hashes of many messages are those of one by one", "[crypto]") {
  for (const size_t size : {16, 32, 64}) {
    const SecretBytes key = key_of(size);
    for (const std::string_view prefix : {"", "anchor/"}) {
      for (const size_t bytes : {1, 4, 16, 64}) check(key, prefix, bytes, 150);
    }
  }
}

TEST_CASE("any number of messages may be hashed together", "[crypto]") {
  for (size_t count = 0; count < 20; ++count) check(key_of(32), "output/", 16, count);
}

TEST_CASE("a message with its prefix may fill the block and exceed it", "[crypto]") {
  const SecretBytes key = key_of(32);
  const std::vector<std::string> all = {std::string(121, 'a'), std::string(122, 'b'),
                                        std::string(500, 'c'), ""};
  Bytes hashes(all.size() * 16), expected(16);
  KeyedHashes(key, "anchor/", 16).hash(all, hashes);
  for (size_t i = 0; i < all.size(); ++i) {
    blake2b(key.reveal(), as_bytes("anchor/" + all[i]), expected);
    CHECK(std::equal(expected.begin(), expected.end(), &hashes[i * 16]));
  }
}

}  // namespace wmk::crypto
