#include "embed/scheme/strength.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

namespace {

constexpr double kDefaultAim = 64;  // target of the default strength for eps sqrt(N)
constexpr double kDefaultMin = 1e-3;
constexpr double kDefaultMax = 4e-3;
constexpr double kEnergyPerShare =
    400;  // N eps^2 at which one share alone is conclusive (z near 19)

}  // namespace

double MarkPlan::share_strength() const { return strength / std::sqrt(shares); }

double MarkPlan::expected_z(unsigned count) const {
  return kYield * share_strength() * std::sqrt(count * static_cast<double>(weights));
}

Result<MarkPlan> plan_mark(uint64_t weights, std::optional<double> strength,
                           std::optional<unsigned> shares) {
  const double n = static_cast<double>(std::max<uint64_t>(weights, 1));
  const double eps =
      strength.value_or(std::clamp(kDefaultAim / std::sqrt(n), kDefaultMin, kDefaultMax));
  if (!(eps >= kStrengthMin && eps <= kStrengthMax)) {
    return Error(ErrorCode::invalid_argument,
                 cat("strength ", eps, " is outside [", kStrengthMin, ", ", kStrengthMax, "]"));
  }
  const double supported = std::clamp(std::floor(n * eps * eps / kEnergyPerShare), 1.0, 4.0);
  const unsigned count = shares.value_or(static_cast<unsigned>(supported));
  if (count < 1 || count > kSharesMax) {
    return Error(ErrorCode::invalid_argument, cat("a mark has 1 to 4 shares, not ", count));
  }
  return MarkPlan{eps, count, weights};
}

}  // namespace wmk::embed
