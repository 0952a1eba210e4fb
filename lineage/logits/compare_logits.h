// Are these logits from the output head of a reference? No mark is needed
// (specs/logits_lineage.md).
//
// Purpose: a model behind an API shows no weights, but its logits lie in the span of its output
// head. Lifetime: values. Thread-safety: one caller; starts its own workers; the answer is the same
// for any number of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lineage/logits/span_overlap.h"
#include "lineage/verdict.h"

namespace wmk::lineage {

struct LogitsComparison {
  // partly_derived (the output head alone), or not_enough_evidence: never a *no*.
  LineageVerdict verdict = LineageVerdict::not_enough_evidence;
  std::string reason;
  uint64_t tokens = 0;  // that the logits and the reference have in common and train
  uint64_t rows = 0;    // of the logits, that were used
  SpanOverlap overlap;
  uint64_t untouched = 0;  // tokens in common that no text contains
  std::optional<UntouchedAgreement> agreement;
};

struct LogitsSources {
  const embed::Logits& logits;
  const std::vector<std::string>& labels;  // one for each column
  uint64_t seed = 1;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// Errors: those of span_moments(); a reference without an output head that can be read.
Result<LogitsComparison> compare_logits(const LogitsSources& sources,
                                        const checkpoint::Checkpoint& reference,
                                        const checkpoint::Anatomy& anatomy,
                                        const checkpoint::Vocabulary& vocabulary);

}  // namespace wmk::lineage
