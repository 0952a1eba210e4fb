// Keyed BLAKE2b against published values, and the streams derived from it.
#include "crypto/blake2b.h"

#include <catch2/catch.hpp>

namespace wmk::crypto {
namespace {

Bytes counting(size_t count) {
  Bytes out(count);
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<std::byte>(i);
  return out;
}

SecretBytes counting_key(size_t count) {
  Bytes bytes = counting(count);
  return SecretBytes::take(bytes);
}

std::string hash_hex(ByteView key, ByteView data, size_t size) {
  Bytes out(size);
  blake2b(key, data, out);
  return to_hex(out);
}

}  // namespace

// The keyed known answers published with BLAKE2 (key 00..3f, data 00..n-1); the shorter outputs are
// python3's hashlib.blake2b(data, key=key, digest_size=size).hexdigest().
TEST_CASE("keyed BLAKE2b gives the published values", "[crypto]") {
  CHECK(hash_hex(counting(64), {}, 64) ==
        "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
        "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568");
  CHECK(hash_hex(counting(64), counting(1), 64) ==
        "961f6dd1e4dd30f63901690c512e78e4b45e4742ed197c3c5e45c549fd25f2e4"
        "187b0bc9fe30492b16b0d0bc4ef9b0f34c7003fac09a5ef1532e69430234cebd");
  CHECK(hash_hex(counting(64), counting(255), 64) ==
        "142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e9248"
        "4be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461");
  CHECK(hash_hex(counting(16), as_bytes("abc"), 16) == "cc611a2673ca66e9f7fc64b995c5467c");
}

TEST_CASE("derive is BLAKE2b-256 of the key and the data", "[crypto]") {
  std::string data;
  for (int i = 0; i < 50; ++i) data += "abc";
  CHECK(to_hex(derive(counting_key(32), data).reveal()) ==
        "b696a825680e5c4ba882f0362c1a4aa350e1c9026175aeb6c65dad517fd47873");
}

TEST_CASE("a stream is the hashes of purpose and counter, one after the other", "[crypto]") {
  const SecretBytes key = counting_key(32);
  const auto stream = keystream(key, "pairs/gate", 150);
  REQUIRE(stream.size() == 150);
  for (uint64_t counter = 0; counter < 3; ++counter) {
    Bytes input(as_bytes("pairs/gate").begin(), as_bytes("pairs/gate").end());
    input.resize(input.size() + 8);
    store_le(input.data() + input.size() - 8, counter);
    Bytes block(64);
    blake2b(key.reveal(), input, block);
    const size_t count = std::min<size_t>(64, stream.size() - counter * 64);
    CHECK(std::equal(block.begin(), block.begin() + static_cast<ptrdiff_t>(count),
                     stream.begin() + static_cast<ptrdiff_t>(counter * 64)));
  }
}

TEST_CASE("a shorter stream is a prefix of a longer one", "[crypto]") {
  const SecretBytes key = counting_key(32);
  const auto longer = keystream(key, "code", 200);
  for (size_t size : {0, 1, 63, 64, 65, 128, 199}) {
    const auto shorter = keystream(key, "code", size);
    CHECK(shorter.size() == size);
    CHECK(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  }
}

TEST_CASE("two purposes and two keys share no bytes of their streams", "[crypto]") {
  const SecretBytes key = counting_key(32);
  CHECK(keystream(key, "carrier/up", 64) != keystream(key, "carrier/down", 64));
  CHECK(keystream(key, "carrier/up", 64) != keystream(counting_key(33), "carrier/up", 64));
}

}  // namespace wmk::crypto
