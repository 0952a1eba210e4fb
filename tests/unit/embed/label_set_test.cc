// The labels of a release, as the record keeps them.
#include "embed/scheme/label_set.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace wmk::embed {

TEST_CASE("label hashes are those of BLAKE2b, sorted, each once, of rows with a token",
          "[embed][record]") {
  // Made by hashlib.blake2b(..., digest_size=8) of Python.
  CHECK(label_hash("the") == 0x2e3a97906cabda5e);
  CHECK(label_hash(" the") == 0x9c810d9a9a4db904);
  checkpoint::Vocabulary vocabulary;
  vocabulary.strings = {"the", "#1", " the", "the", "#4", "#1"};
  const auto hashes = label_hashes(vocabulary);
  // "#1" is no token in row 1, and one in row 5.
  CHECK(hashes.size() == 3);
  CHECK(std::is_sorted(hashes.begin(), hashes.end()));
  CHECK(std::count(hashes.begin(), hashes.end(), label_hash(" the")) == 1);
}

TEST_CASE("the difference of two label sets is the larger part that one lacks", "[embed][record]") {
  CHECK(label_difference({}, {}) == 0);
  CHECK(label_difference({1, 2, 3, 4}, {1, 2, 3, 4}) == 0);
  CHECK(label_difference({1, 2, 3, 4}, {1, 2, 3, 5}) == 0.25);
  CHECK(label_difference({1, 2, 3, 4}, {1, 2}) == 0.5);
  CHECK(label_difference({1, 2}, {1, 2, 3, 4}) == 0.5);
  CHECK(label_difference({1, 2}, {}) == 1);
}

}  // namespace wmk::embed
