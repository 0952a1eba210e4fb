#include "verify/claims/judge.h"

#include <algorithm>
#include <cmath>

#include "embed/read/score.h"
#include "embed/scheme/price.h"

namespace wmk::verify {

Status check_alpha(double alpha) {
  if (alpha > 0 && alpha < 1) return {};
  return Error(ErrorCode::invalid_argument, "alpha must be between 0 and 1");
}

std::optional<report::Level> yes_level(double ln_p, double alpha) {
  if (ln_p <= embed::kConclusiveLnP) return report::Level::conclusive;
  if (ln_p <= std::log(alpha)) return report::Level::detected;
  return std::nullopt;
}

bool is_conclusive(double z, double price) {
  return embed::ln_p(z, price) <= embed::kConclusiveLnP;
}

double ln_price_p(double z, double price) { return std::log(price) - (z > 0 ? z * z / 2 : 0); }

double listed_z(double z, double price, double alpha) {
  if (z >= 0) return z;
  return yes_level(std::min(0.0, ln_price_p(-z, price)), alpha) ? -z : z;
}

}  // namespace wmk::verify
