// What each hypothesis costs, and when a z is conclusive (specs/verdicts.md 1, 2).
//
// Purpose: prices are fixed before anything is scored, so that the sum of 1 / price over everything
// that may be computed is at most 1. Detection and reading back use the same numbers.
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <numbers>

namespace wmk::embed {

// Even against a dishonest claimant who tried 2^64 keys, 2^-64 remains.
inline constexpr double kConclusiveLnP = -128 * std::numbers::ln2;

// Every statistic that one place of the list (from 1) may compute, whether it is computed or not:
// 2 tag rules, 7 analyses, 4 choices of sites, and 4 totals of shares unless their number is known.
double price_of(unsigned place, bool shares_known);
// Of one id in round `round` (from 1) of a trace of `ids`: 2 signs of z, 2 tag rules, one analysis;
// half for the FFN, half for the output head, alone and added to the FFN (specs/licensees.md 2.3).
double trace_price(unsigned place, size_t ids, unsigned round = 1);

// The z with price x exp(-z^2 / 2) = e^ln_p.
double least_z(double price, double ln_p);
// The same for 2^-128.
double conclusive_z(double price);

}  // namespace wmk::embed
