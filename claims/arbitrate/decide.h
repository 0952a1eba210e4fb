// From facts to findings and a ruling (specs/arbitration.md 3 to 5).
//
// Purpose: a pure function, so that every rule is a test. Each finding stands by itself; the ruling
// is never above what the weakest link allows, and says why. Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "claims/arbitrate/case_facts.h"
#include "claims/arbitrate/finding.h"
#include "claims/arbitrate/weight.h"

namespace wmk::claims {

struct Decision {
  std::vector<Finding> findings;  // in the order of the chain
  Ruling ruling = Ruling::undecided;
  std::vector<std::string> limits;  // why the ruling is not above undecided though the mark shows
  std::optional<Weight> weight;     // nullopt: no model was read

  const Finding& finding(std::string_view name) const;
};

// Whether the papers allow a model to be read: integrity and opening of the claimant.
bool may_read(const Party& claimant);

// The smaller of the committed alpha, which the claimant chose, and the arbitrator's own.
double ruling_alpha(const Commitment& commitment);

Decision decide(const CaseFacts& facts);

}  // namespace wmk::claims
