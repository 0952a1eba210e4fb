// Scores of many licensees at once are those of their codes one by one.
#include "embed/licensees/scores.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/keyed_hashes.h"
#include "embed/output/output_signs.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"

namespace wmk::embed {
namespace {

std::vector<double> sums_of(unsigned seed) {
  std::vector<double> out;
  for (size_t l = 0; l < kCodeBits; ++l) {
    out.push_back(std::sin(0.37 * static_cast<double>(l * (seed + 3) + seed)));
  }
  return out;
}

double plain_score(const WipedVector<int8_t>& code, const std::vector<double>& sums) {
  double product = 0, squares = 0;
  for (size_t l = 0; l < sums.size(); ++l) {
    product += code[l] * sums[l];
    squares += sums[l] * sums[l];
  }
  return product / std::sqrt(squares);
}

}  // namespace

TEST_CASE("the score of each of many licensees is that of its code", "[embed][licensees]") {
  const auto trace = trace_key(test::test_key("owner"));
  // More than are scored together, not a multiple of eight, and ids of more than one block.
  std::vector<std::string> ids;
  for (int i = 0; i < 531; ++i) ids.push_back(cat("licensee ", i));
  ids[3] = std::string(200, 'x');
  ids[300] = "x";
  const std::vector<std::vector<double>> sums = {sums_of(1), sums_of(2),
                                                 std::vector<double>(kCodeBits)};
  for (const CodeSite site : {CodeSite::ffn, CodeSite::output}) {
    const auto z = code_scores(trace, site, ids, sums, 2);
    REQUIRE(z.size() == 3);
    for (const size_t id : {0, 3, 7, 8, 255, 256, 300, 530}) {
      const auto code =
          site == CodeSite::ffn ? licensee_code(trace, ids[id]) : output_code(trace, ids[id]);
      CHECK(z[0][id] == Approx(plain_score(code, sums[0])).margin(1e-12));
      CHECK(z[1][id] == Approx(plain_score(code, sums[1])).margin(1e-12));
      CHECK(z[2][id] == 0);
    }
    CHECK(code_scores(trace, site, ids, sums, 1) == z);
  }
}

TEST_CASE("streams of many keys are those of each", "[crypto][licensees]") {
  constexpr size_t kKeys = 11;
  WipedBytes keys;
  for (size_t i = 0; i < kKeys * 32; ++i) keys.push_back(std::byte(7 * i % 251));
  for (const size_t blocks : {size_t{3}, size_t{8}}) {
    Bytes all(kKeys * blocks * 64);
    crypto::keystreams(keys, "code/output", blocks, all);
    for (size_t i = 0; i < kKeys; ++i) {
      WipedBytes one(keys.begin() + i * 32, keys.begin() + (i + 1) * 32);
      const auto key = crypto::SecretBytes::take(one);
      const auto expected = crypto::keystream(key, "code/output", blocks * 64);
      CHECK(std::equal(expected.begin(), expected.end(), all.begin() + i * blocks * 64));
    }
  }
}

}  // namespace wmk::embed
