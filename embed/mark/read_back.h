// Reading back: whether the mark is in what was written, before it becomes a release.
//
// Purpose: a mark that cannot be found in its own release is worthless, whatever the reason: norm
// weights that were read wrongly, a type too coarse for the strength, a fault of the machine. The
// frames are those of the marking: a mark changes neither embedding nor labels. Thread-safety: one
// caller; starts its own workers; the answer is the same for any number of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "embed/read/scan.h"
#include "embed/scheme/record.h"
#include "embed/scheme/strength.h"

namespace wmk::embed {

// Twice the z that is conclusive blind, in the first place of the list: reading stops there.
double read_back_enough();

// What was marked: the ownership mark, or one licensee's.
struct ReadBackRequest {
  const MarkPlan& plan;
  const std::optional<std::string>& licensee;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct ReadBackResult {
  ReadBack read;
  // z of an untouched copy on the weights that were read, given how often neurons repeat.
  double expected_z = 0;
};

// Reads `written` with the structures of its marking, all shares together, with hard tags, up to
// the first analysis that reaches read_back_enough().
Result<ReadBackResult> read_back(const checkpoint::Checkpoint& written,
                                 const checkpoint::Anatomy& anatomy,
                                 const std::vector<Structure>& structures,
                                 const ReadBackRequest& request);

// Error (unsupported) if the plan promises a z of at least 12 and the total that was read back is
// under half of what was expected of the weights read, or under 6.
Status check_read_back(const MarkPlan& plan, const ReadBackResult& result);

}  // namespace wmk::embed
