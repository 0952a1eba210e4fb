#include "embed/licensees/scores.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string_view>

#include "base/memory/wiped.h"
#include "base/parallel.h"
#include "base/simd.h"
#include "crypto/key_streams.h"
#include "crypto/keyed_hashes.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr size_t kIdsAtOnce = 128;
constexpr size_t kLicenseeKeyBytes = 32;
constexpr size_t kCodeBytes = kCodeBits / 8;
constexpr size_t kBlockBytes = 64;
constexpr size_t kBlocks = kCodeBytes / kBlockBytes;
// A code is read in digits of four bits: the terms of all digits stay in a second cache, where
// those of bytes would be sixteen times as many.
constexpr size_t kDigitBits = 4;
constexpr size_t kDigits = 16;  // values of a digit
constexpr size_t kByteTerms = 2 * kDigits;
// Bytes of a code that are looked up together: their terms stay in a first cache.
constexpr size_t kBytesAtOnce = 4;

// The terms of four of the sums.
constexpr size_t kSumsAtOnce = 4;
// Aligned as code for AVX expects it, which other code does not do by itself.
constexpr size_t kTermsBytes = kSumsAtOnce * sizeof(double);
struct alignas(kTermsBytes) Terms {
  double __attribute__((vector_size(kTermsBytes))) of = {};
};

// Up to four of the sums of a site.
struct SumsTogether {
  std::vector<Terms> terms;  // by digit of the code, by its value
  size_t first_block;        // of the site, in the codes
  std::vector<double>* z;    // the first one's scores, the others behind it
  size_t count;
};

// Sets the terms of one of the sums: for each digit, by its value, the sum of its signed terms
// divided by the length.
void set_terms(const std::vector<double>& sums, size_t lane, std::vector<Terms>& terms) {
  assert(sums.size() == kCodeBits);
  double squares = 0;
  for (const double s : sums) squares += s * s;
  if (squares == 0) return;
  const double length = std::sqrt(squares);
  for (size_t at = 0; at < kCodeBits; at += kDigitBits) {
    Terms* of_value = &terms[at / kDigitBits * kDigits];
    for (size_t bit = 0; bit < kDigitBits; ++bit) of_value[0].of[lane] -= sums[at + bit] / length;
    for (size_t value = 1; value < kDigits; ++value) {
      const auto bit = static_cast<size_t>(__builtin_ctzll(value));
      const size_t without = value & (value - 1);
      of_value[value].of[lane] = of_value[without].of[lane] + 2 * sums[at + bit] / length;
    }
  }
}

// Adds the terms of a block of `count` codes.
WMK_VECTORIZED void add_block(const Terms* terms, const std::byte* codes, size_t count, Terms* z) {
  for (size_t at = 0; at < kBlockBytes; at += kBytesAtOnce) {
    const Terms* of_bytes = terms + at * kByteTerms;
    for (size_t id = 0; id < count; ++id) {
      const std::byte* code = codes + id * kBlockBytes + at;
      auto sum = z[id].of;
      for (size_t i = 0; i < kBytesAtOnce; ++i) {
        const auto byte = std::to_integer<size_t>(code[i]);
        sum += of_bytes[i * kByteTerms + byte % kDigits].of +
               of_bytes[i * kByteTerms + kDigits + byte / kDigits].of;
      }
      z[id].of = sum;
    }
  }
}

// Sums of all sites in fours, and which streams their codes are.
class Plan {
 public:
  Plan(const CodeSums& sums, size_t ids, CodeScores& out) {
    add("code", sums.ffn, ids, out.ffn);
    add("code/output", sums.output, ids, out.output);
  }

  std::span<const std::string_view> purposes() const { return purposes_; }
  const std::vector<SumsTogether>& groups() const { return groups_; }

 private:
  void add(std::string_view purpose, const std::vector<std::vector<double>>& sums, size_t ids,
           std::vector<std::vector<double>>& z) {
    if (sums.empty()) return;
    z.assign(sums.size(), std::vector<double>(ids));
    for (size_t first = 0; first < sums.size(); first += kSumsAtOnce) {
      groups_.push_back({std::vector<Terms>(kCodeBytes * kByteTerms), purposes_.size() * kBlocks,
                         &z[first], std::min(kSumsAtOnce, sums.size() - first)});
      for (size_t lane = 0; lane < groups_.back().count; ++lane) {
        set_terms(sums[first + lane], lane, groups_.back().terms);
      }
    }
    purposes_.push_back(purpose);
  }

  std::vector<std::string_view> purposes_;
  std::vector<SumsTogether> groups_;
};

// Scores of ids [first, first + count) by sums that are looked up together.
void score(const SumsTogether& group, ByteView codes, size_t first, size_t count) {
  std::vector<Terms> z(count);
  for (size_t block = 0; block < kBlocks; ++block) {
    add_block(&group.terms[block * kBlockBytes * kByteTerms],
              &codes[(group.first_block + block) * count * kBlockBytes], count, z.data());
  }
  for (size_t lane = 0; lane < group.count; ++lane) {
    for (size_t id = 0; id < count; ++id) group.z[lane][first + id] = z[id].of[lane];
  }
}

}  // namespace

CodeScores code_scores(const crypto::SecretBytes& trace, std::span<const std::string> ids,
                       const CodeSums& sums, unsigned threads, Progress* progress) {
  CodeScores out;
  const Plan plan(sums, ids.size(), out);
  const crypto::KeyedHashes keys_of(trace, "licensee/", kLicenseeKeyBytes);
  const size_t parts = (ids.size() + kIdsAtOnce - 1) / kIdsAtOnce;
  if (progress) progress->begin("scoring licensees", ids.size(), Progress::Unit::steps);
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kIdsAtOnce;
    const size_t count = std::min(ids.size() - first, kIdsAtOnce);
    WipedBytes keys(count * kLicenseeKeyBytes), codes(count * kCodeBytes * plan.purposes().size());
    keys_of.hash(ids.subspan(first, count), keys);
    crypto::keystreams(keys, plan.purposes(), kBlocks, codes);
    for (const SumsTogether& group : plan.groups()) score(group, codes, first, count);
    if (progress) progress->advance(count);
    return {};
  });
  if (progress) progress->end();
  return out;
}

}  // namespace wmk::embed
