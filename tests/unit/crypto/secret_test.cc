// Secret memory: taking, moving, comparing.
#include "crypto/secret.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <type_traits>

namespace wmk::crypto {

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);

TEST_CASE("taking a secret wipes its source", "[crypto]") {
  Bytes source = {std::byte{1}, std::byte{2}, std::byte{3}};
  const Bytes before = source;
  const SecretBytes secret = SecretBytes::take(source);
  CHECK(std::ranges::equal(secret.reveal(), before));
  CHECK(source == Bytes(3));
}

TEST_CASE("a moved secret leaves nothing in its old place", "[crypto]") {
  SecretBytes first = SecretBytes::random(32);
  const Bytes before(first.reveal().begin(), first.reveal().end());
  SecretBytes second = std::move(first);
  CHECK(first.size() == 0);
  CHECK(std::ranges::equal(second.reveal(), before));
  SecretBytes third = SecretBytes::zeros(8);
  third = std::move(second);
  CHECK(second.size() == 0);
  CHECK(std::ranges::equal(third.reveal(), before));
}

TEST_CASE("secrets are equal in size and in every byte, or not at all", "[crypto]") {
  const SecretBytes zeros = SecretBytes::zeros(32);
  CHECK(zeros.equals(SecretBytes::zeros(32)));
  CHECK_FALSE(zeros.equals(SecretBytes::zeros(31)));
  for (size_t i = 0; i < 32; ++i) {
    SecretBytes other = SecretBytes::zeros(32);
    other.reveal_for_writing()[i] = std::byte{0x80};
    CHECK_FALSE(zeros.equals(other));
  }
  CHECK(SecretBytes::zeros(0).equals(SecretBytes::zeros(0)));
}

TEST_CASE("two random secrets differ", "[crypto]") {
  CHECK_FALSE(SecretBytes::random(32).equals(SecretBytes::random(32)));
}

}  // namespace wmk::crypto
