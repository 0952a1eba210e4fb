// Who gave the copy: ids are scored, those who are named are subtracted, and the others are scored
// again beside them, round by round (specs/licensees.md 2).
//
// Null hypothesis for each id: its codes are uniform and independent of the suspect and of all
// other codes. As long as an id is not named, the rounds are those of a trace without it, so its
// code is independent of what is left, and Hoeffding's bound holds in each round; the price of a
// round counts all rounds. Thread-safety: one caller; starts its own workers; the same answer for
// any number of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/secret.h"
#include "embed/licensees/scores.h"
#include "report/level.h"
#include "verify/licensees/own_scores.h"
#include "verify/licensees/statistic.h"

namespace wmk::verify {

inline constexpr size_t kTraceListMin = 20;

struct LicenseeZ {
  std::string id;
  double z;
  double ln_p;
  report::Level level;
  unsigned round = 1;                               // in which it was scored, from 1
  double price = 1;                                 // in that round
  std::optional<double> z_ffn = {}, z_output = {};  // what z is made of
};

struct RoundsRequest {
  const crypto::SecretBytes* trace = nullptr;  // the key S_t
  std::span<const std::string> licensees;
  double alpha;
  unsigned threads = 1;
  Progress* progress = nullptr;
  size_t listed_min = kTraceListMin;
  // A statistic names the scores of these as if they were of sums behind those of the output head.
  OwnHeads own_heads = {};
};

struct Rounds {
  size_t statistic = 0;  // that with the smallest p in the first round
  double ln_p = 0;       // of the first one listed there, without the limit of 0
  unsigned rounds = 1;
  size_t named = 0;
  size_t scored_last = 0;  // ids that were scored in the last round
  // Everybody who is named, by increasing p in the round that named them, then others by decreasing
  // z in `statistic` beside the named ones: at least `listed_min`.
  std::vector<LicenseeZ> best;
};

// `statistics` and `licensees`: not empty.
Rounds name_licensees(const embed::CodeSums& sums, std::span<const Statistic> statistics,
                      const RoundsRequest& request);

}  // namespace wmk::verify
