#include "verify/judge.h"

#include <cmath>
#include <numbers>

#include "embed/read/score.h"

namespace wmk::verify {

namespace {

// Even against a dishonest claimant who tried 2^64 keys, 2^-64 remains.
constexpr double kConclusiveLnP = -128 * std::numbers::ln2;
constexpr double kNothingSeenP = 1e-3;
constexpr double kVisibleZ = 12;

}  // namespace

bool is_conclusive(double z, double hypotheses) {
  return embed::ln_p(z, hypotheses) <= kConclusiveLnP;
}

Judgement judge(double z, double hypotheses, double expected_z, double alpha) {
  using report::Level;
  const double ln_p = embed::ln_p(z, hypotheses);
  if (ln_p <= kConclusiveLnP) return {Level::conclusive, ln_p};
  if (ln_p <= std::log(alpha)) return {Level::detected, ln_p};
  if (ln_p > std::log(kNothingSeenP) && expected_z / 2 >= kVisibleZ)
    return {Level::not_found, ln_p};
  return {Level::undecided, ln_p};
}

}  // namespace wmk::verify
