// One pass over the weights that scores several hypotheses, and is left early where they show
// nothing (specs/verdicts.md 2).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <span>
#include <vector>

#include "embed/read/coordinate_memo.h"
#include "verify/answer.h"
#include "verify/structure_cache.h"

namespace wmk::verify {

// A hypothesis is left when an untouched copy would have shown kLeaveExpected in what was read, and
// less than kLeaveBelow is seen.
inline constexpr double kLeaveExpected = 12;
inline constexpr double kLeaveBelow = 3;

// Of coordinates that are kept: enough for width 576 and 12 deviations.
inline constexpr size_t kMemoBytes = 96 << 20;

// One hypothesis of a pass.
struct PassEntry {
  const PlannedReading* reading;
  Hypothesis hypothesis;
  bool exchanged;  // its gate and up are the other way around than those of the pass
  size_t frame;    // index of its structures
};

// After which parts of the weights z is computed: at most seven, and fixed by what an untouched
// copy would show.
std::vector<double> pass_parts(const DetectPlan& plan, uint64_t weights);

// Those of `sites` that a reading may show anew: neurons and heads show the same in every reading
// that leaves them and the labels as they are. Neurons are left out of those that change heads.
embed::Sites new_sites(embed::Sites sites, const PlannedReading& reading,
                       std::span<const PlannedReading> earlier);

// Whether it is a reading of other heads, whose neurons others have scored.
bool changes_heads(const PlannedReading& reading);

// Pairs of changes, and other heads, are read in their first frame.
bool is_read_in_one_frame(const checkpoint::Reading& reading);

// Reads these sites of `units` until every entry is left, the answer is conclusive (unless
// request.full), or the end is reached. No two entries have the same frame and exchange.
Status run_pass(const PlannedReading& units, embed::Sites sites,
                const std::vector<PassEntry>& entries, const std::vector<FrameStructures>& frames,
                embed::CoordinateMemo& memo, const DetectRequest& request, Answer& answer);

}  // namespace wmk::verify
