// The output head as a place for the mark: carriers over the vocabulary (specs/output.md 1, 4).
//
// Purpose: what a key gives to each token's label, the directions that only the embedder needs, and
// how many pairs of carriers a head gets. Lifetime: values, wiped when freed. Thread-safety: pure
// functions; start their own workers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory/wiped.h"
#include "crypto/secret.h"

namespace wmk::embed {

inline constexpr size_t kOutputPairsMin = 4;
inline constexpr size_t kOutputPairsMax = 64;
// The numbers of pairs that a mark may have: powers of two.
inline constexpr std::array<size_t, 5> kOutputPairCounts = {4, 8, 16, 32, 64};

// A carrier and its partner for each of 64 pairs: bit p is that of pair p, 1 is +1 and 0 is -1.
// One entry for each row of the head.
struct OutputSigns {
  WipedVector<uint64_t> carriers, partners;
};

// `labels`: one for each row of the head, as head_labels() gives them.
OutputSigns output_signs(const crypto::SecretBytes& key, const std::vector<std::string>& labels,
                         unsigned threads);

// The signs of u_p: pairs x width, each +1 or -1. The marker sets some columns to zero and the
// length to one.
WipedVector<int8_t> output_directions(const crypto::SecretBytes& key, size_t pairs, size_t width);

// Rows that share a label share their signs, so what is read for them is added up.
struct LabelGroups {
  static constexpr uint32_t kAlone = UINT32_MAX;
  // By row: kAlone, or its place among the rows that share a label.
  std::vector<uint32_t> place;
  // By place: the number of the label, below `groups`.
  std::vector<uint32_t> group;
  size_t groups = 0;
};
LabelGroups label_groups(const std::vector<std::string>& labels);

// The labels of a head's rows: those of the embedding's rows, and "#id" for rows beyond them.
std::vector<std::string> head_labels(std::vector<std::string> labels, uint64_t rows);

// f: the part of a pair's energy that lies in its direction of the span.
double output_energy(unsigned shares);
// A lower bound of the z that `pairs` pairs of each share show together in an untouched copy of a
// head of `rows` x `width`.
double output_expected_z(uint64_t rows, uint64_t width, size_t pairs, unsigned shares);
// K: the smallest of kOutputPairCounts that is expected to reach z = 20, else 64.
size_t output_pairs(uint64_t rows, uint64_t width, unsigned shares);
// Below this expected z a head is not worth its change.
inline constexpr double kOutputExpectedMin = 8;

// The licensee's part (section 4): which of the signs of a code a row uses, and the code.
WipedVector<uint16_t> output_slots(const crypto::SecretBytes& trace,
                                   const std::vector<std::string>& labels, unsigned threads);
WipedVector<int8_t> output_code(const crypto::SecretBytes& trace, std::string_view licensee);
// The key of the licensee's directions.
crypto::SecretBytes licensee_directions_key(const crypto::SecretBytes& trace,
                                            std::string_view licensee);
// The trace's signs with the licensee's code multiplied into the carriers.
OutputSigns licensee_output_signs(const crypto::SecretBytes& trace, std::string_view licensee,
                                  const std::vector<std::string>& labels, unsigned threads);

}  // namespace wmk::embed
