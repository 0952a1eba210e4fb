// The output head read from logits alone (specs/output.md 3).
//
// Purpose: rows of logits lie in the span of the head, so their own span stands for it. Two passes
// over blocks of columns. Thread-safety: one caller; starts its own workers; the result is the same
// for any number of them.
#pragma once

#include <optional>

#include "base/progress.h"
#include "embed/output/logits_file.h"
#include "embed/output/output_sums.h"

namespace wmk::embed {

// How logits are read: the plain reading, and its alternatives.
struct LogitsOptions {
  std::optional<uint64_t> rank = {};   // of the span, by hand
  std::optional<double> softcap = {};  // x = cap tanh(y / cap) is undone
  bool centre_columns = false;         // a bias of the head falls out
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct LogitsReading {
  OutputReading output;
  uint64_t rows = 0;
  uint64_t columns = 0;  // that were read: not constant, finite
  uint64_t rank = 0;
  bool rank_by_gap = false;  // else it is rows - 1, or given
};

// `carriers` has one entry for each column. Errors: NaN; a row that is constant; a list of the top
// tokens alone; logits beyond the softcap (invalid_argument); reading.
Result<LogitsReading> read_output_logits(const Logits& logits, const OutputCarriers& carriers,
                                         const LogitsOptions& options);

// The number i of values with the largest ratio of value i to value i + 1, if it is at least 10;
// `values` descending. nullopt: no such gap.
std::optional<size_t> spectral_gap(const std::vector<double>& values);

}  // namespace wmk::embed
