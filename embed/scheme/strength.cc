#include "embed/scheme/strength.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/structure.h"

namespace wmk::embed {

namespace {

constexpr double kDefaultAim = 64;  // target of the default strength for eps sqrt(N)
constexpr double kDefaultMin = 1e-3;
constexpr double kDefaultMax = 4e-3;
constexpr double kSaturationMax = 0.999;  // of z^2 / entries
constexpr double kEnergyPerShare =
    400;  // N eps^2 at which one share alone is conclusive (z near 19)

}  // namespace

double MarkPlan::share_strength() const { return strength / std::sqrt(shares); }

double expected_z(double strength, double weights, double entries, double length, double yield) {
  const double x = yield * strength * std::sqrt(weights) / std::max(1.0, length);
  return entries > 0 ? x / std::sqrt(1 + x * x / entries) : 0;
}

double expected_z(const ReadZ& read, double weights, double entries, double length) {
  if (!(read.z > 0 && read.weights > 0 && entries > 0)) return 0;
  // Chance may bring a z above the limit that it approaches.
  const double part = std::min(read.z * read.z / entries, kSaturationMax);
  const double grown =
      std::sqrt(weights / read.weights) * std::max(1.0, read.length) / std::max(1.0, length);
  const double x = std::sqrt(entries * part / (1 - part)) * grown;
  return x / std::sqrt(1 + x * x / entries);
}

double MarkPlan::expected_z(unsigned count) const {
  return embed::expected_z(share_strength(), count * static_cast<double>(weights), count * entries);
}

Result<MarkPlan> plan_mark(uint64_t weights, double entries, std::optional<double> strength,
                           std::optional<unsigned> shares) {
  const double n = static_cast<double>(std::max<uint64_t>(weights, 1));
  const double automatic = std::clamp(kDefaultAim / std::sqrt(n), kDefaultMin, kDefaultMax);
  const double eps = strength.value_or(automatic);
  if (!(eps >= kStrengthMin && eps <= kStrengthMax)) {
    return Error(ErrorCode::invalid_argument,
                 cat("strength ", eps, " is outside [", kStrengthMin, ", ", kStrengthMax, "]"));
  }
  const double supported = std::clamp(std::floor(n * eps * eps / kEnergyPerShare), 1.0, 4.0);
  const unsigned count = shares.value_or(static_cast<unsigned>(supported));
  if (count < 1 || count > kSharesMax) {
    return Error(ErrorCode::invalid_argument, cat("a mark has 1 to 4 shares, not ", count));
  }
  return MarkPlan{eps, count, weights, entries, automatic};
}

Result<MarkPlan> plan_mark(const checkpoint::Anatomy& anatomy, std::optional<double> strength,
                           std::optional<unsigned> shares) {
  const Sizes sizes = structure_sizes(anatomy.width, StructureRole::share);
  const size_t kinds = anatomy.gated ? kVectorKindCount : kVectorKindCount - 1;
  const size_t entries = kinds * open_entries(sizes, StructureRole::share);
  return plan_mark(anatomy.weight_count(), static_cast<double>(entries), strength, shares);
}

}  // namespace wmk::embed
