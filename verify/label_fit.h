// Whether the strings of a tokenizer describe the embedding (specs/verdicts.md 3.6).
//
// Purpose: a frame made from wrong strings shows nothing, so a *no* would be false. In a trained
// model the rows of a word and of the same word with a space in front or a capital letter are far
// more alike than those of two other words. Needs neither key nor record. Thread-safety: one
// caller; starts its own workers; the answer is the same for any number of them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "verify/frame_source.h"

namespace wmk::verify {

inline constexpr uint64_t kFitPairsMin = 50;
inline constexpr double kFitCoveredMin = 0.2;
inline constexpr double kFitAlikeMin = 0.95;

struct RowPair {
  uint64_t first, second;
};
// Rows of a word and of its variants, by the first row. A word has at least three bytes: letters
// of ASCII, or bytes above 127.
std::vector<RowPair> word_pairs(const checkpoint::Vocabulary& vocabulary);

struct LabelFit {
  uint64_t pairs = 0;
  double covered = 0;  // part of the rows with a token that are in a pair
  // Part of the pairs that are more alike than a mismatched pair: near 1 if the strings fit, 1/2 by
  // chance.
  double alike = 0;
};
Result<LabelFit> fit_labels(const Subject& subject, unsigned threads);

}  // namespace wmk::verify
