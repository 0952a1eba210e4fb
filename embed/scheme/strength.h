// How strong a mark is, and which z it is expected to show (specs/mark.md 5, 6).
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace wmk::embed {

inline constexpr double kStrengthMin = 1e-4;
inline constexpr double kStrengthMax = 3e-2;
// Measured: z of an untouched copy in bf16 is this times strength times sqrt(weights).
inline constexpr double kYield = 0.94;

struct MarkPlan {
  double strength = 0;  // eps of the whole mark
  unsigned shares = 1;
  uint64_t weights = 0;  // N
  // eps of a single share.
  double share_strength() const;
  // z that `count` of the shares together show in an untouched copy.
  double expected_z(unsigned count) const;
};

// Defaults: eps = clamp(64 / sqrt(N), 1e-3, 4e-3), shares = clamp(floor(N eps^2 / 400), 1, 4).
// Error (invalid_argument): a strength outside [1e-4, 3e-2], or shares outside 1 to 4.
Result<MarkPlan> plan_mark(uint64_t weights, std::optional<double> strength,
                           std::optional<unsigned> shares);

}  // namespace wmk::embed
