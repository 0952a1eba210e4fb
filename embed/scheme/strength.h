// How strong a mark is, and which z it is expected to show (specs/mark.md 5, 6).
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "checkpoint/layout/anatomy.h"

namespace wmk::embed {

inline constexpr double kStrengthMin = 1e-4;
inline constexpr double kStrengthMax = 3e-2;
// Measured: z of an untouched copy in bf16 is this times strength times sqrt(weights).
inline constexpr double kYield = 0.94;
// The same for heads, measured 1.43 and 1.24: one change of V and one of O both move the same
// circuit.
inline constexpr double kHeadYield = 1.3;

// z of an untouched copy in which `weights` weights were marked with `strength` and read:
// x = yield strength sqrt(weights) / max(1, length), and z = x / sqrt(1 + x^2 / entries), since z
// cannot exceed the root of the number of open entries. `length`: see embed/read/score.h.
double expected_z(double strength, double weights, double entries, double length = 1,
                  double yield = kYield);

// A z that was found in a release, the weights that were read for it, and the length.
struct ReadZ {
  double z, weights, length;
};
// What an untouched copy of that release shows when `weights` of it are read: the formula above,
// scaled from what was found. 0 where nothing was found.
double expected_z(const ReadZ& read, double weights, double entries, double length);

struct MarkPlan {
  double strength = 0;  // eps of the whole mark
  unsigned shares = 1;
  uint64_t weights = 0;  // N
  double entries = 0;    // open entries of one share
  double automatic = 0;  // the strength that nobody has to choose
  // eps of a single share.
  double share_strength() const;
  // z that `count` of the shares together show in an untouched copy.
  double expected_z(unsigned count) const;
};

// Defaults: eps = clamp(64 / sqrt(N), 1e-3, 4e-3), shares = clamp(floor(N eps^2 / 400), 1, 4).
// Error (invalid_argument): a strength outside [1e-4, 3e-2], or shares outside 1 to 4.
// `entries`: open entries of one share.
Result<MarkPlan> plan_mark(uint64_t weights, double entries, std::optional<double> strength,
                           std::optional<unsigned> shares);
Result<MarkPlan> plan_mark(const checkpoint::Anatomy& anatomy, std::optional<double> strength,
                           std::optional<unsigned> shares);

}  // namespace wmk::embed
