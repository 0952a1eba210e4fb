// What a reading of the output head may claim: its null, and what changes nothing.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/support/null_statistics.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr size_t kRows = 1500, kWidth = 24, kPairs = 8;
constexpr double kEnergy = 0.1;

std::vector<std::string> token_labels(size_t rows) {
  std::vector<std::string> out;
  for (size_t t = 0; t < rows; ++t) out.push_back(cat("token", t));
  return out;
}

std::vector<crypto::SecretBytes> one_key(std::string_view name) {
  std::vector<crypto::SecretBytes> out;
  out.push_back(test_key(name));
  return out;
}

// A head with a mean and a few long columns, as real ones have.
std::vector<float> plain_head(uint64_t seed = 5) {
  std::vector<float> out = normal_numbers(seed, kRows * kWidth);
  for (size_t i = 0; i < out.size(); ++i) {
    if (i % kWidth < 3) out[i] = 4 * out[i] + 2;
  }
  return out;
}

std::vector<float> marked_plain() {
  return marked_head(one_key("owner"), token_labels(kRows), plain_head(), kPairs, kEnergy);
}

OutputCarriers owner_carriers() {
  return carriers_of(one_key("owner"), token_labels(kRows), kPairs);
}

}  // namespace

TEST_CASE("a marked output head shows its mark, and a wrong key nothing", "[output]") {
  const auto head = marked_plain();
  CHECK(head_z(head, owner_carriers()) > 15);
  CHECK(std::abs(head_z(head, carriers_of(one_key("other"), token_labels(kRows), kPairs))) < 4.5);
  CHECK(std::abs(head_z(plain_head(), owner_carriers())) < 4.5);
}

TEST_CASE("an invertible matrix behind the output head, and a new order of tokens, change nothing",
          "[output]") {
  const auto head = marked_plain();
  const double z = head_z(head, owner_carriers());
  // Far from orthogonal, with columns of very different lengths.
  std::vector<float> mixing = normal_numbers(9, kWidth * kWidth);
  for (size_t j = 0; j < kWidth; ++j) {
    for (size_t i = 0; i < kWidth; ++i) {
      mixing[i * kWidth + j] *= std::ldexp(1.0f, static_cast<int>(j % 5) * 10 - 20);
    }
  }
  CHECK(head_z(product_of(head, mixing, kRows, kWidth, kWidth), owner_carriers()) ==
        Approx(z).margin(0.05));

  auto labels = token_labels(kRows);
  std::vector<float> reversed;
  for (size_t t = kRows; t-- > 0;) {
    reversed.insert(reversed.end(), head.begin() + static_cast<std::ptrdiff_t>(t * kWidth),
                    head.begin() + static_cast<std::ptrdiff_t>((t + 1) * kWidth));
  }
  std::reverse(labels.begin(), labels.end());
  CHECK(head_z(reversed, carriers_of(one_key("owner"), labels, kPairs)) == Approx(z).margin(0.01));
}

TEST_CASE("a scale that would overflow changes nothing in an output head", "[output]") {
  auto head = marked_plain();
  const double z = head_z(head, owner_carriers());
  for (size_t i = 0; i < head.size(); ++i) {
    const int column = static_cast<int>(i % kWidth);
    head[i] = std::ldexp(head[i], column % 2 == 0 ? 60 : -60);
  }
  CHECK(head_z(head, owner_carriers()) == Approx(z).margin(1e-3));
}

TEST_CASE("a few huge rows cost an output head no more than themselves", "[output]") {
  auto head = marked_plain();
  const double z = head_z(head, owner_carriers());
  for (size_t j = 0; j < 5 * kWidth; ++j) head[j] *= 1e6f;
  for (size_t j = 5 * kWidth; j < 6 * kWidth; ++j) head[j] *= 1e15f;
  CHECK(head_z(head, owner_carriers()) == Approx(z).margin(0.5));
}

TEST_CASE("rows of NaN count as zero in an output head", "[output][bad-input]") {
  auto head = marked_plain();
  const double z = head_z(head, owner_carriers());
  head[7 * kWidth + 3] = std::numeric_limits<float>::quiet_NaN();
  head[9 * kWidth] = std::numeric_limits<float>::infinity();
  CHECK(head_z(head, owner_carriers()) == Approx(z).margin(0.5));
}

TEST_CASE("a constant output head is an error", "[output][bad-input]") {
  Scratch scratch;
  const HeadFile file =
      head_file(scratch / "h.safetensors", std::vector<float>(kRows * 4, 2), kRows);
  const auto read = read_output_weights(file.checkpoint, file.head, owner_carriers(), 1, nullptr);
  REQUIRE_FALSE(read);
  CHECK(read.error().message().find("constant") != std::string::npos);
}

TEST_CASE("any number of threads reads the same z from an output head", "[output]") {
  const auto head = normal_numbers(3, 5000 * 300);
  const auto carriers = carriers_of(one_key("owner"), token_labels(5000), 64);
  const double z = head_z(head, carriers, 1);
  CHECK(head_z(head, carriers, 2) == z);
  CHECK(head_z(head, carriers, 5) == z);
}

TEST_CASE("z of an unmarked output head has deviation 1, spare rows of one label included",
          "[output]") {
  const auto labels_of = [](bool spare) {
    auto out = token_labels(800);
    for (size_t t = 544; spare && t < 800; ++t) out[t] = "<spare>";
    return out;
  };
  // Spare rows are alike: training never touched them.
  std::vector<float> head = normal_numbers(17, 800 * 16);
  for (size_t t = 544; t < 800; ++t) {
    for (size_t j = 0; j < 16; ++j) head[t * 16 + j] = 3.0f + 0.01f * head[t * 16 + j];
  }
  for (const bool spare : {false, true}) {
    NullStatistics null, apart;
    for (int i = 0; i < 200; ++i) {
      const auto key = one_key(cat("key", i));
      auto carriers = carriers_of(key, labels_of(spare), 4);
      null.add(head_z(head, carriers));
      // Without adding up equal labels the bound is wrong.
      carriers.groups = label_groups(token_labels(800));
      apart.add(head_z(head, carriers));
    }
    CAPTURE(spare, null.text());
    CHECK(null.deviation() > 0.8);
    CHECK(null.deviation() < 1.2);
    CHECK(static_cast<double>(null.at_least(3)) <= null.allowed_at_least(3));
    CHECK((apart.deviation() > 3) == spare);
  }
}

TEST_CASE("tokens that are picked with the key make an innocent head look marked", "[output]") {
  // Why logits need a witness: four of five tokens are kept, those that fit the key.
  Scratch scratch;
  const auto labels = token_labels(kRows);
  const auto head = plain_head();
  const HeadFile file = head_file(scratch / "h.safetensors", head, kRows);
  std::vector<std::pair<double, size_t>> by_fit;
  const auto carriers = owner_carriers();
  // The contribution of each row: z of the row alone, as a label of its own.
  OutputScorer scorer(carriers);
  const auto hidden = transposed(head, kRows, kWidth);
  std::vector<float> partners(kRows * kPairs);
  scorer.partners(0, kRows, partners.data());
  const auto towards = product_of(hidden, partners, kWidth, kRows, kPairs);
  const auto image = product_of(head, towards, kRows, kWidth, kPairs);
  for (size_t t = 0; t < kRows; ++t) {
    double fit = 0;
    for (size_t p = 0; p < kPairs; ++p) {
      const bool plus = (carriers.shares[0].carriers[t] >> p & 1) != 0;
      fit += (plus ? 1 : -1) * image[t * kPairs + p];
    }
    by_fit.emplace_back(fit, t);
  }
  std::sort(by_fit.rbegin(), by_fit.rend());
  std::vector<float> picked;
  std::vector<std::string> picked_labels;
  for (size_t i = 0; i < kRows * 4 / 5; ++i) {
    const size_t t = by_fit[i].second;
    picked.insert(picked.end(), head.begin() + static_cast<std::ptrdiff_t>(t * kWidth),
                  head.begin() + static_cast<std::ptrdiff_t>((t + 1) * kWidth));
    picked_labels.push_back(labels[t]);
  }
  CHECK(head_z(picked, carriers_of(one_key("owner"), picked_labels, kPairs)) > 5);
}

}  // namespace wmk::embed
