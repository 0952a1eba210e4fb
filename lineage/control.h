// What a failing control takes from a test of signs (specs/lineage.md 3).
//
// Purpose: beside a control that stands out, z counts for less, or the test is dropped; other tests
// stand. Thread-safety: pure functions.
#pragma once

#include "lineage/evidence.h"

namespace wmk::lineage {

// z of a hit after all corrections: 2 exp(-z^2 / 2) is about 2.5e-14.
inline constexpr double kHitZ = 8;

// The z that counts beside a control, not larger than z in size. A control of at most 6 takes
// nothing. A larger one is subtracted, and the rest divided by control / 3: its excess may be a
// common mean of all terms as well as terms that depend on each other.
double counted_z(double z, double control);

// Sets p (two-sided), the outcome before correction, and the note about the control. `name` says
// what the control compares.
void set_signed_outcome(double z, double control, std::string_view name, TestResult& test);

}  // namespace wmk::lineage
