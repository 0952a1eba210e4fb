#include "verify/judge.h"

#include <cmath>
#include <numbers>

#include "embed/read/score.h"

namespace wmk::verify {

namespace {

// Even against a dishonest claimant who tried 2^64 keys, 2^-64 remains.
constexpr double kConclusiveLnP = -128 * std::numbers::ln2;

}  // namespace

std::optional<report::Level> yes_level(double ln_p, double alpha) {
  if (ln_p <= kConclusiveLnP) return report::Level::conclusive;
  if (ln_p <= std::log(alpha)) return report::Level::detected;
  return std::nullopt;
}

bool is_conclusive(double z, double price) { return embed::ln_p(z, price) <= kConclusiveLnP; }

double ln_price_p(double z, double price) { return std::log(price) - (z > 0 ? z * z / 2 : 0); }

}  // namespace wmk::verify
