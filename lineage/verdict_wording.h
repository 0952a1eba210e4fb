// The verdicts of a comparison in the words of the page: what each means and what it does not.
//
// Lifetime: literals. Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>

#include "lineage/verdict.h"

namespace wmk::lineage {

struct VerdictWords {
  const char* word;
  const char* headline;
  const char* meaning;
  const char* not_meaning;
  const char* look;  // "yes", "no" or "open": a class of the style sheet
};
const VerdictWords& words_of(Verdict verdict);

// The rules of specs/lineage.md 9, in the order in which they are tried.
std::span<const char* const> verdict_rules();
// Which of them gave the verdict: an index.
size_t applied_rule(const Judgement& judgement);

const char* family_words(FamilyOfTensors family);

}  // namespace wmk::lineage
