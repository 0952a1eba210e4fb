#include "embed/licensees/scores.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/parallel.h"
#include "base/wiped.h"
#include "crypto/keyed_hashes.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr size_t kIdsAtOnce = 256;
constexpr size_t kLicenseeKeyBytes = 32;
constexpr size_t kCodeBytes = kCodeBits / 8;
constexpr size_t kBlocks = kCodeBytes / 64;
// Bytes of a code that are looked up together: their terms fill half of a first cache.
constexpr size_t kBytesAtOnce = 8;
constexpr size_t kBytes = 256;  // values of a byte

// By byte of the code, by its value: the sum of its eight signed terms, divided by the length.
std::vector<double> terms_of(const std::vector<double>& sums) {
  assert(sums.size() == kCodeBits);
  double squares = 0;
  for (const double s : sums) squares += s * s;
  std::vector<double> terms(kCodeBytes * kBytes);
  if (squares == 0) return terms;
  for (size_t at = 0; at < kCodeBytes; ++at) {
    double* of_value = &terms[at * kBytes];
    for (size_t bit = 0; bit < 8; ++bit) of_value[0] -= sums[8 * at + bit] / std::sqrt(squares);
    for (size_t value = 1; value < kBytes; ++value) {
      const auto bit = static_cast<size_t>(__builtin_ctzll(value));
      const size_t without = value & (value - 1);
      of_value[value] = of_value[without] + 2 * sums[8 * at + bit] / std::sqrt(squares);
    }
  }
  return terms;
}

// Adds the terms of all bytes of `count` codes.
void add_terms(const std::vector<double>& terms, const std::byte* codes, size_t count, double* z) {
  for (size_t at = 0; at < kCodeBytes; at += kBytesAtOnce) {
    const double* of_bytes = &terms[at * kBytes];
    for (size_t id = 0; id < count; ++id) {
      const std::byte* code = codes + id * kCodeBytes + at;
      double sum = 0;
      for (size_t i = 0; i < kBytesAtOnce; ++i) {
        sum += of_bytes[i * kBytes + std::to_integer<size_t>(code[i])];
      }
      z[id] += sum;
    }
  }
}

}  // namespace

std::vector<std::vector<double>> code_scores(const crypto::SecretBytes& trace, CodeSite site,
                                             std::span<const std::string> ids,
                                             std::span<const std::vector<double>> sums,
                                             unsigned threads) {
  std::vector<std::vector<double>> terms;
  for (const auto& each : sums) terms.push_back(terms_of(each));
  std::vector<std::vector<double>> z(sums.size(), std::vector<double>(ids.size()));
  const crypto::KeyedHashes keys_of(trace, "licensee/", kLicenseeKeyBytes);
  const std::string_view purpose = site == CodeSite::ffn ? "code" : "code/output";
  const size_t parts = (ids.size() + kIdsAtOnce - 1) / kIdsAtOnce;
  (void)parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kIdsAtOnce;
    const size_t count = std::min(ids.size() - first, kIdsAtOnce);
    WipedBytes keys(count * kLicenseeKeyBytes), codes(count * kCodeBytes);
    keys_of.hash(ids.subspan(first, count), keys);
    crypto::keystreams(keys, purpose, kBlocks, codes);
    for (size_t i = 0; i < sums.size(); ++i) add_terms(terms[i], codes.data(), count, &z[i][first]);
    return {};
  });
  return z;
}

}  // namespace wmk::embed
