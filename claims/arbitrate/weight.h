// What a link weighs, counting everything that the claimant could choose (specs/arbitration.md 5).
//
// Null hypothesis: as that of the detection (verify/claims/judge.h). p is multiplied by the number
// of commitments from which the claimant could take the luckiest. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <numbers>
#include <optional>

namespace wmk::claims {

// Tries of a claimant whom no log counts: more hashes than anybody computes.
inline constexpr double kUncountedLnTries = 64 * std::numbers::ln2;

struct Weight {
  std::optional<uint64_t> commitments;  // as counted in the logs
  double ln_tries = 0;                  // ln of that, or kUncountedLnTries
  double ln_p = 0;                      // with all tries; at most 0
  double lambda = 0, ln_e = 0;          // with all tries and the price
};

// E = exp(lambda z - lambda^2 / 2) / (price x tries): its mean is at most 1 under the null
// hypothesis, so P(E >= x) <= 1 / x.
double ln_e_value(double z, double lambda, double price, double ln_tries);

}  // namespace wmk::claims
