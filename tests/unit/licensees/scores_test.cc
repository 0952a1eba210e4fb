// Scores of many licensees at once are those of their codes one by one.
#include "embed/licensees/scores.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/key_streams.h"
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
  // More sums than are looked up together in the output head.
  const CodeSums ffn{sums, {}}, output{{}, {sums[1], sums[2], sums[0], sums[0], sums[1]}};
  const auto of_ffn = code_scores(trace, ids, ffn, 2).ffn;
  const auto of_output = code_scores(trace, ids, output, 2).output;
  REQUIRE(of_ffn.size() == 3);
  REQUIRE(of_output.size() == 5);
  for (const size_t id : {0, 3, 7, 8, 127, 128, 255, 256, 300, 530}) {
    const auto close_to = [&](const WipedVector<int8_t>& code, size_t of) {
      return Approx(plain_score(code, sums[of])).margin(1e-12);
    };
    const auto code = licensee_code(trace, ids[id]), in_output = output_code(trace, ids[id]);
    for (const size_t i : {0, 1}) CHECK(of_ffn[i][id] == close_to(code, i));
    for (const size_t i : {0, 4}) CHECK(of_output[i][id] == close_to(in_output, 1));
    for (const size_t i : {2, 3}) CHECK(of_output[i][id] == close_to(in_output, 0));
    CHECK(of_ffn[2][id] == 0);
    CHECK(of_output[1][id] == 0);
  }
  const auto both = code_scores(trace, ids, {ffn.ffn, output.output}, 1);
  CHECK(both.ffn == of_ffn);
  CHECK(both.output == of_output);
}

TEST_CASE("streams of many keys are those of each", "[crypto][licensees]") {
  constexpr size_t kKeys = 11;
  WipedBytes keys;
  for (size_t i = 0; i < kKeys * 32; ++i) keys.push_back(std::byte(7 * i % 251));
  const std::vector<std::string_view> purposes = {"code", "code/output"};
  for (const size_t blocks : {size_t{3}, size_t{8}, size_t{9}}) {
    Bytes all(kKeys * purposes.size() * blocks * 64);
    crypto::keystreams(keys, purposes, blocks, all);
    for (size_t i = 0; i < kKeys * purposes.size() * blocks; ++i) {
      const size_t key = i % kKeys, block = i / kKeys % blocks, purpose = i / kKeys / blocks;
      WipedBytes one(keys.begin() + key * 32, keys.begin() + (key + 1) * 32);
      const auto expected =
          crypto::keystream(crypto::SecretBytes::take(one), purposes[purpose], blocks * 64);
      CHECK(std::equal(&all[i * 64], &all[i * 64] + 64, expected.begin() + block * 64));
    }
  }
}

}  // namespace wmk::embed
