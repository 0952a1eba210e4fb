// Logits and the output head of a reference: overlap of spans, tokens that no text contains.
#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "lineage/logits/compare_logits.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::lineage {
namespace {

using namespace wmk::test;

constexpr size_t kRows = 1600, kWidth = 24, kTexts = 60, kReserved = 100;

// The last kReserved tokens are kept in reserve.
std::vector<std::string> reserved_labels() {
  std::vector<std::string> out;
  for (size_t t = 0; t < kRows - kReserved; ++t) out.push_back(cat("token", t));
  for (size_t t = 0; t < kReserved; ++t) out.push_back(cat("<|reserved_", t, "|>"));
  return out;
}

struct SpanFixture {
  Scratch scratch;
  std::vector<std::string> labels = reserved_labels();
  HeadFile head = head_file(scratch / "a.safetensors", normal_numbers(5, kRows* kWidth), kRows);

  // Logits of the head `seed`, of texts `texts`.
  std::vector<float> logits(uint64_t seed, uint64_t texts = 7) const {
    return product_of(normal_numbers(texts, kTexts * kWidth),
                      transposed(normal_numbers(seed, kRows * kWidth), kRows, kWidth), kTexts,
                      kWidth, kRows);
  }
  SpanMoments moments(const std::vector<float>& values, const std::vector<std::string>& columns,
                      unsigned threads = 1) const {
    const auto file = scratch.put("x.npy", npy_of(values, kTexts));
    const auto opened = must(embed::Logits::open({file}));
    const SharedTokens tokens = shared_tokens(columns, labels);
    return must(span_moments({opened, head.checkpoint, head.head, tokens, 1, threads}));
  }
};

}  // namespace

TEST_CASE("logits of the reference fill its span, others do not", "[lineage][logits]") {
  const SpanFixture f;
  const SpanMoments same = f.moments(f.logits(5), f.labels);
  CHECK(same.tokens == kRows - kReserved);
  CHECK(same.untouched == kReserved);
  const SpanOverlap overlap = span_overlap(same).value();
  CHECK(overlap.directions == kWidth);
  CHECK(overlap.value == Approx(1).margin(1e-5));
  REQUIRE(overlap.controls.size() == kSpanControls);
  // Random spans of 24 among 1,499 dimensions.
  for (const double control : overlap.controls) CHECK(control == Approx(0.016).margin(0.01));
  const SpanOverlap other = span_overlap(f.moments(f.logits(6), f.labels)).value();
  CHECK(other.value == Approx(0.016).margin(0.01));
}

TEST_CASE("untouched tokens give an exact p, for the reference's logits alone",
          "[lineage][logits]") {
  const SpanFixture f;
  const auto same = untouched_agreement(f.moments(f.logits(5), f.labels)).value();
  CHECK(same.tokens == kReserved);
  CHECK(same.cosine == Approx(1).margin(1e-4));
  CHECK(same.log10_p < kLog10Hit);
  auto noisy = f.logits(5);
  const auto noise = normal_numbers(9, noisy.size());
  for (size_t i = 0; i < noisy.size(); ++i) noisy[i] += 2 * noise[i];
  const auto fit = untouched_agreement(f.moments(noisy, f.labels)).value();
  CHECK(fit.cosine < 0.98);
  CHECK(fit.log10_p < kLog10Hit);
  const auto other = untouched_agreement(f.moments(f.logits(6), f.labels)).value();
  CHECK(other.log10_p > kLog10Null);
  CHECK(other.cosine < 0.2);
}

TEST_CASE("p of untouched tokens keeps to its bound on independent heads", "[lineage][logits]") {
  const SpanFixture f;
  for (uint64_t seed = 100; seed < 140; ++seed) {
    const auto found = untouched_agreement(f.moments(f.logits(seed, seed + 1), f.labels)).value();
    CHECK(found.log10_p > -2);
  }
}

TEST_CASE("tokens are matched by their labels, whatever their order", "[lineage][logits]") {
  const SpanFixture f;
  const std::vector<float> plain = f.logits(5);
  std::vector<float> turned(plain.size());
  std::vector<std::string> labels(kRows);
  for (size_t t = 0; t < kRows; ++t) {
    labels[kRows - 1 - t] = f.labels[t];
    for (size_t i = 0; i < kTexts; ++i) turned[i * kRows + kRows - 1 - t] = plain[i * kRows + t];
  }
  const SpanMoments moments = f.moments(turned, labels);
  CHECK(span_overlap(moments).value().value == Approx(1).margin(1e-5));
  CHECK(untouched_agreement(moments).value().log10_p < kLog10Hit);
  const SpanMoments unnamed = f.moments(plain, labels);
  CHECK(span_overlap(unnamed).value().value < 0.05);
}

TEST_CASE("which tokens no text contains is read from their names", "[lineage][logits]") {
  CHECK(is_untouched("<|reserved_special_token_7|>", 1));
  CHECK(is_untouched("[unused3]", 1));
  CHECK(is_untouched("#12", 12));
  CHECK_FALSE(is_untouched("#12", 13));
  CHECK_FALSE(is_untouched("reserved", 1));
  CHECK_FALSE(is_untouched("<|endoftext|>", 1));
  const SharedTokens found = shared_tokens({"a", "b", "a", "c"}, {"b", "a", "x", "a"});
  REQUIRE(found.trained.size() == 3);
  CHECK(found.trained[0].row == 1);
  CHECK(found.trained[1].row == 0);
  CHECK(found.trained[2].row == 3);
}

TEST_CASE("the worked example of specs/logits_lineage.md", "[lineage][logits]") {
  // 100 tokens, mean cosine .9 where any order gives .05: t = 85.
  CHECK(log10_permutation_bound(90, 5) == Approx(-16.22).margin(0.01));
  CHECK(log10_permutation_bound(5, 5) == 0);
  CHECK(log10_permutation_bound(4, 5) == 0);
  CHECK(log10_permutation_bound(6, 5) == 0);
}

TEST_CASE("moments of logits are the same for any number of threads", "[lineage][logits]") {
  const SpanFixture f;
  const auto values = f.logits(5);
  const SpanMoments one = f.moments(values, f.labels, 1), three = f.moments(values, f.labels, 3);
  CHECK(one.gram == three.gram);
  CHECK(one.cross == three.cross);
  CHECK(one.head == three.head);
}

TEST_CASE("too few tokens in common are an error", "[lineage][logits]") {
  const SpanFixture f;
  const auto file = f.scratch.put("x.npy", npy_of(f.logits(5), kTexts));
  const auto opened = must(embed::Logits::open({file}));
  std::vector<std::string> columns = f.labels;
  for (size_t t = 90; t < columns.size(); ++t) columns[t] = cat("other", t);
  const SharedTokens tokens = shared_tokens(columns, f.labels);
  const auto found = span_moments({opened, f.head.checkpoint, f.head.head, tokens, 1, 1});
  REQUIRE_FALSE(found);
  CHECK(found.error().message().find("90 tokens in common; at least 96") != std::string::npos);
}

}  // namespace wmk::lineage
