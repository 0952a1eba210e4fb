// How strong a mark is, and what it will show (specs/mark.md 5, 6).
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace wmk::embed {

inline constexpr double kStrengthMin = 1e-4;
inline constexpr double kStrengthMax = 3e-2;
// Measured: z of a fresh copy in bf16 is this times strength times sqrt(weights).
inline constexpr double kYield = 0.94;

struct MarkPlan {
  double strength = 0;  // eps of the ownership mark as a whole
  unsigned shares = 1;
  uint64_t weights = 0;  // N
  // eps of each share.
  double share_strength() const;
  // z that `count` of the shares show together in an untouched copy.
  double expected_z(unsigned count) const;
};

// Defaults for what is not given: eps = clamp(64 / sqrt(N), 1e-3, 4e-3), shares =
// clamp(floor(N eps^2 / 400), 1, 4). A strength outside [1e-4, 3e-2] or shares outside 1..4: Error.
Result<MarkPlan> plan_mark(uint64_t weights, std::optional<double> strength,
                           std::optional<unsigned> shares);

}  // namespace wmk::embed
