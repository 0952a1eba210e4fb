// T3 and T5: Gram matrices of attention, and the order of layers.
#include <algorithm>
#include <cmath>
#include <random>

#include "lineage/align/layer_alignment.h"
#include "lineage/forensics/copy_forensics.h"
#include "lineage/tests/attention_agreement.h"
#include "stats/vectors.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

constexpr size_t kSize = 48, kRows = 64;

std::vector<float> random_rows(std::mt19937_64& random, size_t rows, size_t width) {
  std::normal_distribution<float> gaussian;
  std::vector<float> out(rows * width);
  for (float& value : out) value = gaussian(random);
  return out;
}

std::vector<float> centred_gram(const std::vector<float>& rows, size_t width) {
  std::vector<float> gram(width * width);
  for (size_t r = 0; r < rows.size(); r += width) {
    for (size_t i = 0; i < width; ++i) {
      for (size_t j = 0; j < width; ++j) gram[i * width + j] += rows[r + i] * rows[r + j];
    }
  }
  lineage::centre_gram(gram, width);
  return gram;
}

double cka(const std::vector<float>& a, const std::vector<float>& b) {
  return stats::dot(a.data(), b.data(), a.size());
}

TEST_CASE("attention Gram matrices do not depend on order or signs or a rotation of rows") {
  std::mt19937_64 random(1);
  const auto rows = random_rows(random, kRows, kSize);
  auto turned = rows;  // two rows by 30 degrees, one with changed signs
  for (size_t j = 0; j < kSize; ++j) {
    turned[j] = 0.8660254f * rows[j] - 0.5f * rows[kSize + j];
    turned[kSize + j] = 0.5f * rows[j] + 0.8660254f * rows[kSize + j];
    turned[2 * kSize + j] = -rows[2 * kSize + j];
  }
  std::swap_ranges(&turned[3 * kSize], &turned[4 * kSize], &turned[7 * kSize]);
  CHECK(cka(centred_gram(rows, kSize), centred_gram(turned, kSize)) == Approx(1).margin(1e-4));
}

TEST_CASE("unbiased CKA by hand and its spread over unrelated matrices") {
  // Three off-diagonal pairs of four coordinates: centring leaves 1, -1/2, -1/2 in each row.
  std::vector<float> gram = {9, 1, 0, 0, 1, 9, 0, 0, 0, 0, 9, 1, 0, 0, 1, 9};
  lineage::centre_gram(gram, 4);
  CHECK(gram[0] == 0);
  CHECK(gram[2] / gram[1] == Approx(-0.5));
  CHECK(gram[1] == Approx(1 / std::sqrt(6.0)));
  std::mt19937_64 random(2);
  double sum = 0, squares = 0;
  constexpr int kPairs = 300;
  for (int run = 0; run < kPairs; ++run) {
    const double value = cka(centred_gram(random_rows(random, kRows, kSize), kSize),
                             centred_gram(random_rows(random, kRows, kSize), kSize));
    sum += value;
    squares += value * value;
  }
  const double sd = std::sqrt(squares / kPairs);
  CHECK(std::abs(sum / kPairs) < 3 * sd / std::sqrt(kPairs));  // unbiased
  CHECK(sd * kSize / std::sqrt(2.0) == Approx(1).margin(0.15));
}

lineage::AttentionGrams grams_from(std::mt19937_64& random, size_t layers) {
  lineage::AttentionGrams out;
  out.coordinates = kSize;
  for (size_t layer = 0; layer < layers; ++layer) {
    out.layers.push_back(layer);
    auto& grams = out.of.emplace_back();
    for (auto& gram : grams) gram = centred_gram(random_rows(random, 8, kSize), kSize);
  }
  return out;
}

TEST_CASE(
    "attention Gram matrices of unrelated layers have fair p values and copies reach the floor") {
  std::mt19937_64 random(3);
  int low = 0;
  constexpr int kRuns = 60;
  for (int run = 0; run < kRuns; ++run) {
    const auto b = grams_from(random, 2), a = grams_from(random, 2);
    const auto found = gram_agreement(b, a, {{0, 0}, {1, 1}}, 1 + static_cast<uint64_t>(run), 2);
    low += found.log10_p() <= -1;
  }
  CHECK(low <= kRuns / 4);
  const auto a = grams_from(random, 2);
  const auto found = gram_agreement(a, a, {{0, 0}, {1, 1}}, 1, 2);
  CHECK(found.mean == Approx(1));
  CHECK(found.at_least == 0);
  CHECK(found.log10_p() == Approx(std::log10(1.0 / 200)));
  CHECK(gram_agreement(a, a, {}, 1, 2).layers == 0);
}

std::vector<double> noisy_scores(std::mt19937_64& random, size_t rows, size_t columns,
                                 const std::vector<std::pair<size_t, size_t>>& pairs) {
  std::normal_distribution<double> gaussian(0, 0.01);
  std::vector<double> out(rows * columns);
  for (double& value : out) value = gaussian(random);
  for (const auto& [i, j] : pairs) out[i * columns + j] += 0.4;
  return out;
}

TEST_CASE("dropped layers and repeated layers are recognised by their order") {
  std::mt19937_64 random(4);
  using Pairs = std::vector<std::pair<size_t, size_t>>;
  const Pairs kept = {{0, 1}, {1, 3}, {2, 4}, {3, 7}, {4, 8}, {5, 11}};
  auto found = lineage::align(noisy_scores(random, 6, 12, kept), 6, 12, 1);
  CHECK(found.pairs == kept);
  CHECK(found.log10_p() < -2);
  CHECK(found.matched == 6);
  CHECK(found.repeated == 0);
  Pairs twice;  // 0 to 7, then 4 to 11
  for (size_t i = 0; i < 16; ++i) twice.emplace_back(i, i < 8 ? i : i - 4);
  found = lineage::align(noisy_scores(random, 16, 12, twice), 16, 12, 1);
  CHECK(found.pairs.size() == 12);
  CHECK(found.matched == 16);
  CHECK(found.repeated == 4);
  CHECK(found.log10_p() < -2);
}

TEST_CASE("unrelated layers have fair p values") {
  std::mt19937_64 random(5);
  int low = 0;
  constexpr int kRuns = 60;
  for (int run = 0; run < kRuns; ++run) {
    low += lineage::align(noisy_scores(random, 8, 10, {}), 8, 10, 1).log10_p() <= -1;
  }
  CHECK(low <= kRuns / 4);
}

TEST_CASE(
    "a change of basis can be restricted to some coordinates and knows whether it keeps places") {
  const lineage::Basis basis{
      lineage::BasisKind::signed_permutation, 3, 3, {2, 0, 1}, {1, -1, 1}, {}};
  const size_t last[] = {2};
  std::vector<float> out(1);
  basis.restricted(last).apply(std::vector<float>{5, 6, 7}, 1, out);
  CHECK(out == std::vector<float>{5});
  const auto rotation = lineage::Basis::rotation(2, 2, {0, 1, -1, 0});
  const size_t first[] = {0};
  rotation.restricted(first).apply(std::vector<float>{5, 6}, 1, out);
  CHECK(out == std::vector<float>{-6});
  lineage::Basis::identity(3).restricted(last).apply(std::vector<float>{5, 6, 7}, 1, out);
  CHECK(out == std::vector<float>{7});
  CHECK(lineage::Basis::identity(3).keeps_places());
  CHECK_FALSE(basis.keeps_places());
  CHECK_FALSE(rotation.keeps_places());
}

TEST_CASE("dropped layers are found by their attention") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto cut = compared(attacked("drop-layers", {{"fraction", "0.5"}}, model), model);
  CHECK(to_string(cut.judgement.verdict) == "derived");
  CHECK(test_named(cut, "T3 attention Gram").value > 0.9);
  CHECK(test_named(cut, "T5 order of layers").value > 0.9);
  const auto unrelated = compared(compared_model(scratch, "other", 2), model);
  CHECK(std::abs(test_named(unrelated, "T3 attention Gram").value) < 0.1);
}

TEST_CASE(
    "copy forensics distinguish noise from a change of low rank and both from unrelated matrices") {
  std::mt19937_64 random(6);
  constexpr size_t kWidth = 256;
  const auto a = random_rows(random, kRows, kWidth), noise = random_rows(random, kRows, kWidth);
  auto noisy = a, adapted = a;
  const auto left = random_rows(random, kRows, 2), right = random_rows(random, 2, kWidth);
  for (size_t i = 0; i < a.size(); ++i) {
    noisy[i] = 2 * a[i] + 0.1f * noise[i];
    const size_t row = i / kWidth, j = i % kWidth;
    if (row >= kRows / 2) {
      adapted[i] += left[2 * row] * right[j] + left[2 * row + 1] * right[kWidth + j];
    }
  }
  const auto of_noise = lineage::difference(noisy, a, kWidth);
  CHECK(of_noise.scale == Approx(2).margin(0.01));
  CHECK(of_noise.rest == Approx(0.1).margin(0.01));
  CHECK(of_noise.equal < 0.01);
  const auto of_adapter = lineage::difference(adapted, a, kWidth);
  CHECK(of_adapter.equal == Approx(0.5).margin(0.01));
  CHECK(of_adapter.equal_shifted < 0.01);
  CHECK(of_adapter.rank < 2.1);
  const auto of_unrelated = lineage::difference(noise, a, kWidth);
  CHECK(std::abs(of_unrelated.scale) < 0.05);
  CHECK(of_unrelated.rank > 0.7 * kRows);
}

TEST_CASE("where one config is wrong about heads, those of the other model are taken") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto copy = scratch / "copy";
  std::filesystem::copy(model, copy, std::filesystem::copy_options::recursive);
  std::string config = content_of(copy / "config.json");
  const std::string heads = R"("num_attention_heads":)";
  const size_t at = config.find(heads);
  REQUIRE(at != std::string::npos);
  // 4 heads of 16 fit the shapes as well as 8 of 8 do.
  config.replace(at, heads.size(), R"("head_dim": 16, "num_attention_heads":)");
  scratch.put("copy/config.json", config);
  for (const auto& found : {compared(copy, model), compared(model, copy)}) {
    CHECK(to_string(found.judgement.verdict) == "derived");
    CHECK(test_named(found, "T1 row signs, q/k").outcome == lineage::Outcome::hit);
    CHECK(test_named(found, "T1 row signs, v/o").outcome == lineage::Outcome::hit);
  }
}

}  // namespace
}  // namespace wmk::test
