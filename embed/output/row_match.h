// Which rows of two output heads belong to the same token, by the rows alone (specs/output.md 7).
//
// Purpose: gives the rows of a suspect whose tokens were renamed the labels of a release. Nothing
// that it uses holds a sign that is scored: rows of a marked release are compared after they are
// projected off its directions, and what rounding could still have changed is counted.
// Thread-safety: one caller; starts its own workers; the result is the same for any number of them.
#pragma once

#include "base/memory/wiped.h"
#include "base/progress.h"
#include "embed/output/nearest_row.h"
#include "embed/output/output_head.h"

namespace wmk::embed {

struct LabelledHead {
  const checkpoint::Checkpoint& checkpoint;
  const OutputHead& head;
  // The directions of the key's marks: count x width. Both sides are projected off them.
  WipedVector<int8_t> directions = {};
  bool is_marked = true;  // else nothing that it holds depends on the key
};

struct RowMatch {
  static constexpr uint32_t kNone = NearestRow::kNone;
  std::vector<uint32_t> row;  // of the labelled head, or kNone; one for each row of the suspect
  uint64_t matched = 0;
  double distance = 0;    // mean of the matched, of a row's length
  uint64_t open = 0;      // rows and columns whose part in the match the mark could have changed
  double ln_choices = 0;  // ln of the number of results that rounding could have given
};

// `turn`: O with x_suspect ~ O x_labelled, suspect width x labelled width, where the suspect's
// coordinates are others; else nullptr. Few of the rows of unrelated heads match; the search ends
// early then, with no matched rows. Errors: reading; heads of different widths without `turn`;
// numbers of a marked head that were not rounded once (unsupported).
Result<RowMatch> match_rows(const checkpoint::Checkpoint& suspect, const OutputHead& head,
                            const LabelledHead& labelled, const std::vector<float>* turn,
                            unsigned threads, Progress* progress);

}  // namespace wmk::embed
