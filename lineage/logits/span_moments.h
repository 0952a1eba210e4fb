// Second moments of logits and of a reference's output head over the tokens that both have.
//
// Purpose: one pass over blocks of columns gives everything that compares the two spans; controls
// are the same with the head's tokens permuted. Lifetime: values. Thread-safety: one caller; starts
// its own workers; the result is the same for any number of them.
#pragma once

#include <vector>

#include "base/progress.h"
#include "embed/output/logits_file.h"
#include "embed/output/output_head.h"
#include "lineage/logits/shared_tokens.h"
#include "stats/symmetric_tiles.h"

namespace wmk::lineage {

// Rows of logits that are used, spread evenly over the file: more show no more of the head's span.
inline constexpr size_t kSpanRowsMax = 1024;
// Tokens are permuted among this many neighbours in the logits, most of which are about as
// frequent.
inline constexpr size_t kSpanBand = 64;
inline constexpr size_t kSpanControls = 8;

struct SpanMoments {
  size_t rows = 0, width = 0;
  uint64_t tokens = 0;                     // trained ones that were used
  std::vector<double> gram;                // X X^T: rows x rows, both triangles
  stats::SymmetricTiles<double> head{0};   // W^T W
  std::vector<std::vector<double>> cross;  // X W: rows x width; then those of the controls
  // Of the untouched tokens, `untouched` rows each; not part of the sums.
  size_t untouched = 0;
  std::vector<float> untouched_logits;  // untouched x rows
  std::vector<float> untouched_rows;    // untouched x width
};

struct SpanSources {
  const embed::Logits& logits;
  const checkpoint::Checkpoint& reference;
  const embed::OutputHead& head;
  const SharedTokens& tokens;
  uint64_t seed = 1;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// All rows are centred over the tokens, columns of the head are scaled by powers of two. Errors:
// those of reading logits (embed/output/output_from_logits.h) and the head; fewer tokens than four
// times the width.
Result<SpanMoments> span_moments(const SpanSources& sources);

}  // namespace wmk::lineage
