// The list of hypotheses and the price of each (specs/verdicts.md 2).
//
// Purpose: the list is written from what is at hand, before anything is scored, and prices depend
// on nothing else (embed/scheme/price.h). The sum over the list of 1 / price is at most 1, so the
// smallest price x exp(-z^2 / 2) of whatever was tried bounds p. Thread-safety: pure functions and
// values.
#pragma once

#include <vector>

#include "verify/frame_source.h"

namespace wmk::verify {

struct Hypothesis {
  FrameSource frame = FrameSource::strings;
  unsigned place = 1;  // in the list, from 1
  double price = 1;
};

// Strings (if there are any), ids, recorded (if there is a record), in this order and each at its
// place; without prices.
std::vector<Hypothesis> list_hypotheses(const checkpoint::Vocabulary& vocabulary, bool has_record);

}  // namespace wmk::verify
