// Detection and tracing in logits alone (specs/output.md 3 to 6).
//
// Purpose: a model behind an API shows no weights, but its logits lie in the span of its output
// head. The hypotheses are the readings of the logits, in a fixed order, each with its price; a
// result is conditional on how the logits were collected. Lifetime: values. Thread-safety: one
// caller; starts its own workers; the answer is the same for any number of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "embed/output/output_from_logits.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/record.h"
#include "report/level.h"
#include "verify/claims/claim.h"
#include "verify/claims/judge.h"
#include "verify/licensees/rounds.h"

namespace wmk::verify {

struct LogitsRequest {
  const crypto::SecretBytes* master = nullptr;
  const embed::DisclosedShare* disclosed = nullptr;  // in place of `master`: this share alone
  const embed::MarkRecord* record = nullptr;         // optional; must belong to this key
  std::optional<unsigned> shares = std::nullopt;     // how many the mark has, if known
  std::optional<uint64_t> rank = std::nullopt;       // of the span, by hand
  std::optional<double> softcap = std::nullopt;      // the cap of config.json; none: 30
  double alpha = kDefaultAlpha;
  size_t listed_min = kTraceListMin;  // of a trace
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// The cap of the logits that the config.json of a folder names, if any.
std::optional<double> softcap_of(const std::filesystem::path& folder);

// Under which conditions logits show a mark.
Claim logits_claim();

// One way to read the logits, and what it showed.
struct LogitsTried {
  std::string reading = {};  // in words
  unsigned place = 0;        // in the list, from 1
  double price = 0;
  std::string fault = {};  // why it was not read; else empty
  double z = 0;            // the largest of its totals
  unsigned shares = 0;
  size_t pairs = 0;
  uint64_t rank = 0, columns = 0;
  bool rank_by_gap = false;
};

struct LogitsDetection {
  report::Level level = report::Level::undecided;
  double ln_p = 0;
  LogitsTried best;  // the one with the smallest p
  std::vector<LogitsTried> tried;
  uint64_t rows = 0, columns = 0;
  Claim claim;
};

// `labels`: one for each column. The answer is never a *no*. Errors: those of reading the logits
// plainly (embed/output/output_from_logits.h).
Result<LogitsDetection> detect_in_logits(const embed::Logits& logits,
                                         const std::vector<std::string>& labels,
                                         const LogitsRequest& request);

// Which licensees' copies gave these logits.
struct LogitsTrace {
  report::Level level = report::Level::undecided;
  Rounds found = {};
  double price = 0;  // of each id in the first round
  size_t pairs = 0;
  uint64_t rows = 0, columns = 0, rank = 0;
  Claim claim = {};
};
// The release without licensees' marks, whose head is subtracted. `labels`: of its embedding's
// rows.
struct LogitsBase {
  const checkpoint::Checkpoint* checkpoint;
  const checkpoint::Anatomy* anatomy;
  std::vector<std::string> labels;
};
// The logits as given, and the number of pairs of the record, or else that of a head as wide as the
// rank. Each id pays for all. `ids`: not empty.
Result<LogitsTrace> trace_in_logits(const embed::Logits& logits,
                                    const std::vector<std::string>& labels,
                                    const std::vector<std::string>& ids,
                                    const std::optional<LogitsBase>& base,
                                    const LogitsRequest& request);

}  // namespace wmk::verify
