// Logits and the output head of a reference: overlap of spans, tokens that no text contains.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "checkpoint/text/tokenizer.h"
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

TEST_CASE("untouched tokens of different kinds in unrelated heads are no agreement",
          "[lineage][logits]") {
  // Both heads hold a direction that follows how frequent a token is; rows without a token are at 0
  // there, tokens in reserve far below. So the two kinds can be told apart in either head.
  constexpr size_t kKind = 300, kAll = 2400;
  const auto head_of = [&](uint64_t seed) {
    std::vector<float> values = normal_numbers(seed, kAll * kWidth);
    for (size_t t = 0; t < kAll; ++t) {
      const bool is_trained = t < kAll - 2 * kKind, is_reserved = !is_trained && t < kAll - kKind;
      const auto rank = static_cast<float>(t % 10);
      values[t * kWidth] = is_trained ? 2 * rank : is_reserved ? -20.0f : 0.0f;
    }
    return values;
  };
  std::vector<std::string> labels;
  for (size_t t = 0; t < kAll; ++t) {
    const bool is_reserved = t >= kAll - 2 * kKind && t < kAll - kKind;
    labels.push_back(t < kAll - 2 * kKind ? cat("token", t)
                     : is_reserved        ? cat("<|reserved_", t, "|>")
                                          : checkpoint::id_label(t));
  }
  const Scratch scratch;
  const HeadFile reference = head_file(scratch / "a.safetensors", head_of(5), kAll);
  const auto logits = product_of(normal_numbers(7, kTexts * kWidth),
                                 transposed(head_of(6), kAll, kWidth), kTexts, kWidth, kAll);
  const auto opened = must(embed::Logits::open({scratch.put("x.npy", npy_of(logits, kTexts))}));
  SharedTokens tokens = shared_tokens(labels, labels);
  REQUIRE(tokens.untouched.size() == kKind);
  const auto agreement = [&] {
    return untouched_agreement(
               must(span_moments({opened, reference.checkpoint, reference.head, tokens, 1, 1})))
        .value();
  };
  CHECK(agreement().log10_p > kLog10Null);
  // Both kinds together would be a false *yes*.
  tokens.untouched.clear();
  for (uint32_t t = kAll - 2 * kKind; t < kAll; ++t) tokens.untouched.push_back({t, t});
  CHECK(agreement().log10_p < kLog10Hit);
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
  CHECK(untouched_kind("<|reserved_special_token_7|>", 1) == UntouchedKind::reserved);
  CHECK(untouched_kind("[unused3]", 1) == UntouchedKind::unused);
  CHECK(untouched_kind("#12", 12) == UntouchedKind::no_token);
  CHECK_FALSE(untouched_kind("#12", 13));
  CHECK_FALSE(untouched_kind("reserved", 1));
  CHECK_FALSE(untouched_kind("<|endoftext|>", 1));
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
