// How probabilities are printed, in text and on pages.
//
// Purpose: a printed p is an upper bound, so rounding always goes up: it is never below the value.
// Thread-safety: pure functions.
#pragma once

#include <string>

namespace wmk::report {

// Probabilities travel as natural logarithms and are reported as decimal ones.
double log10_of(double ln_p);

// "1", "< 0.0124" (above 10^-3), "< 10^-246". A p too small for a number is "< 10^-1000000".
std::string p_bound(double log10_p);
// The same as a statement: "p = 1", "p < 0.0124", "p < 10^-246".
std::string p_statement(double log10_p);
// The logarithm itself, with one decimal: "-246.8" for -246.87; "0.0" above -.1.
std::string log10_bound(double log10_p);

}  // namespace wmk::report
