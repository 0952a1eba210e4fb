#include "lineage/control.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

namespace {

// The control's z has deviation 1 at most; beyond this value the signs are not independent.
constexpr double kControlZMax = 6;
constexpr double kControlSpread = 3;

}  // namespace

double counted_z(double z, double control) {
  const double against = std::abs(control);
  if (!(against > kControlZMax)) return z;
  const double rest = std::max(0.0, std::abs(z) - against) * kControlSpread / against;
  return std::copysign(rest, z);
}

void set_signed_outcome(double z, double control, std::string_view name, TestResult& test) {
  test.value = z;
  test.note += cat("; control (", name, ") z = ", fixed(control, 1));
  const double counted = counted_z(z, control);
  test.log10_p = stats::log10_two_sided(counted);
  test.outcome = Outcome::null;  // until p is corrected (findings.cc)
  if (counted == z) return;
  if (std::abs(counted) < kHitZ) {
    test.outcome = Outcome::control_failed;
    test.note += ", too much beside the z of the test: it is dropped";
  } else {
    test.note += cat(", so that z counts as ", fixed(counted, 1));
  }
}

}  // namespace wmk::lineage
