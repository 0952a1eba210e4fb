// The sealed form of a key: round trip, wrong passphrases, every changed byte, hostile costs.
#include "crypto/sealed_key.h"

#include <catch2/catch.hpp>

#include "tests/unit/crypto/passphrases.h"

namespace wmk::crypto {
namespace {

using test::passphrase_of;

constexpr SealCost kCheap = {1, 8192};

Bytes sealed_with_cost(uint64_t opslimit, uint64_t memlimit) {
  auto sealed = seal_key(SecretBytes::random(32), passphrase_of("open"), kCheap);
  REQUIRE(sealed);
  store_le(sealed->data() + 8, opslimit);
  store_le(sealed->data() + 16, memlimit);
  return *sealed;
}

}  // namespace

TEST_CASE("a sealed key opens only with its passphrase", "[crypto]") {
  const SecretBytes key = SecretBytes::random(32);
  const auto sealed = seal_key(key, passphrase_of("correct horse"), kCheap);
  REQUIRE(sealed);
  CHECK(sealed->size() == kSealedBytes);
  CHECK(looks_sealed(*sealed));
  const auto opened = open_sealed_key(*sealed, passphrase_of("correct horse"));
  REQUIRE(opened);
  CHECK(opened->equals(key));
  for (const char* wrong : {"correct hors", "correct horse ", "Correct horse", ""}) {
    const auto refused = open_sealed_key(*sealed, passphrase_of(wrong));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::crypto);
    CHECK(refused.error().message() == "wrong passphrase, or the sealed key was changed");
  }
}

TEST_CASE("sealing a key twice gives two different texts", "[crypto]") {
  const SecretBytes key = SecretBytes::random(32);
  const auto first = seal_key(key, passphrase_of("open"), kCheap);
  const auto second = seal_key(key, passphrase_of("open"), kCheap);
  REQUIRE((first && second));
  CHECK(*first != *second);
}

TEST_CASE("a sealed key with any one byte changed does not open", "[crypto]") {
  const auto sealed = seal_key(SecretBytes::random(32), passphrase_of("open"), kCheap);
  REQUIRE(sealed);
  for (size_t i = 0; i < sealed->size(); ++i) {
    // A changed cost within the limits may still need a lot of memory; the next test covers costs.
    if (i >= 8 && i < 24) continue;
    Bytes changed = *sealed;
    changed[i] ^= std::byte{1};
    CAPTURE(i);
    CHECK_FALSE(open_sealed_key(changed, passphrase_of("open")));
  }
  Bytes other_cost = *sealed;
  store_le<uint64_t>(other_cost.data() + 8, 2);
  CHECK_FALSE(open_sealed_key(other_cost, passphrase_of("open")));
}

TEST_CASE("a sealed key that asks for too much time or memory is refused", "[crypto]") {
  CHECK(checked_seal(sealed_with_cost(20, 1ull << 30)));
  for (const auto& [opslimit, memlimit] : std::vector<std::pair<uint64_t, uint64_t>>{
           {21, 8192}, {0, 8192}, {1, (1ull << 30) + 1}, {1, 8191}, {UINT64_MAX, UINT64_MAX}}) {
    const auto refused =
        open_sealed_key(sealed_with_cost(opslimit, memlimit), passphrase_of("open"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::limit_exceeded);
  }
}

TEST_CASE("a sealed key of another version or length is refused", "[crypto]") {
  Bytes sealed = sealed_with_cost(1, 8192);
  Bytes other = sealed;
  other[7] = std::byte{'2'};
  CHECK(checked_seal(other).error().code() == ErrorCode::unsupported);
  for (size_t size : {0, 7, 8, 23, 111, 113}) {
    Bytes cut = sealed;
    cut.resize(size);
    CAPTURE(size);
    CHECK_FALSE(checked_seal(cut));
    CHECK_FALSE(open_sealed_key(cut, passphrase_of("open")));
  }
}

}  // namespace wmk::crypto
