// Reads the disclosed share in models and in logits (specs/arbitration.md 3.7).
//
// Purpose: every reading of an arbitration is this one, so that a control or a release is read
// exactly as the suspect is. Thread-safety: one caller; starts its own workers.
#pragma once

#include <vector>

#include "base/progress.h"
#include "checkpoint/readings/reading_list.h"
#include "claims/arbitrate/case_facts.h"
#include "verify/detect.h"
#include "verify/logits/logits_detect.h"

namespace wmk::claims {

// The share with the committed parameters. Requires may_read().
embed::DisclosedShare disclosed_share(const Commitment& commitment, const Disclosure& disclosure);

struct ShareRequest {
  const Party& party;
  // Of the committed release, if the arbitrator has it.
  verify::CarriedFrames* carried = nullptr;
  std::vector<uint64_t> release_labels = {};
  std::vector<verify::Subject> controls = {};
  bool by_layer = false;
  unsigned threads = 1;
  Progress* progress = nullptr;
};
// By the arbitrator's threshold or the committed one, whichever is smaller. Errors: reading.
Result<verify::Detection> read_share(checkpoint::ReadingList& suspect, const ShareRequest& request);

// `labels`: one for each column.
Result<verify::LogitsDetection> read_share(const embed::Logits& logits,
                                           const std::vector<std::string>& labels,
                                           std::optional<double> softcap,
                                           const ShareRequest& request);

// What they found. `frame`: in words; controls are filled in by the caller.
LinkFacts link_of(const verify::Detection& found, std::string frame);
LinkFacts link_of(const verify::LogitsDetection& found);
CrossCell cross_cell(const verify::Detection& found);
// What a blind reading by the same key shows in the same model, where this reading tells: the
// release of `request` was not needed, so it changed nothing. Otherwise nullopt.
std::optional<CrossCell> blind_cell(const verify::Detection& found, const ShareRequest& request);

}  // namespace wmk::claims
