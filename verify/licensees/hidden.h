// Who of a long list may be named beside others: the rest is not scored again
// (specs/licensees.md 2.4).
//
// Purpose: a million ids are scored once. Without the part of those who are named, a share r of the
// sums' length is left. z of any other id becomes z / r, with a deviation of sqrt(1 / r^2 - 1)
// around it: it agrees with what was taken away by chance only. Thread-safety: pure function.
#pragma once

#include <span>
#include <vector>

#include "embed/licensees/scores.h"
#include "verify/licensees/statistic.h"

namespace wmk::verify {

// What a list of ids showed in the first round, and what is left of its sums beside the named ones.
struct FirstRound {
  const embed::CodeScores& scores;
  const embed::CodeSums &sums, &sums_left;
};

// Numbers of the ids whose z of this round may reach `lowest` (by statistic: what names) or who
// showed anything. None of it depends on the code of an id that is not named, but whether this id
// itself is among them.
std::vector<size_t> may_be_hidden(const FirstRound& first, std::span<const Statistic> statistics,
                                  std::span<const double> lowest);

}  // namespace wmk::verify
