// The list of hypotheses and the price of each (specs/verdicts.md 2).
//
// Purpose: the list is written from what is at hand, before anything is scored, and prices depend
// on nothing else. The sum over the list of 1 / price is at most 1, so the smallest price x
// exp(-z^2 / 2) of whatever was tried bounds p. Thread-safety: pure functions and values.
#pragma once

#include <vector>

#include "verify/frame_source.h"

namespace wmk::verify {

struct Hypothesis {
  FrameSource frame = FrameSource::strings;
  unsigned place = 1;  // in the list, from 1
  double price = 1;
};

// Every statistic that one place may compute, whether it is computed or not: 2 tag rules, 7
// analyses, 4 choices of sites, and 4 totals of shares unless their number is known.
double price_of(unsigned place, bool shares_known);
// Of one id in a trace of `ids`: 2 tag rules and one analysis.
double trace_price(unsigned place, size_t ids);

// Strings (if there are any), ids, recorded (if there is a record), carried (if there is a
// release), in this order and each at its place; without prices.
std::vector<Hypothesis> list_hypotheses(const checkpoint::Vocabulary& vocabulary, bool has_record,
                                        bool has_release);

}  // namespace wmk::verify
