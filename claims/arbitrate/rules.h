// The rules of single findings; decide() puts them together.
//
// Thread-safety: pure functions.
#pragma once

#include "claims/arbitrate/case_facts.h"
#include "claims/arbitrate/finding.h"

namespace wmk::claims {

Finding integrity_finding(const Party& party);
Finding opening_finding(const Party& party);
Finding time_finding(const Party& party);
// Whether a log of the policy has the commitment.
Finding inclusion_finding(const Party& party);
// How many commitments the claimant could have chosen from, by logs that had this one before the
// suspect was published.
Finding completeness_finding(const CaseFacts& facts);
Finding custody_finding(const CaseFacts& facts);
// Whether the suspect was seen before the share was opened to anybody.
Finding exposure_finding(const CaseFacts& facts);
Finding link_finding(const CaseFacts& facts);
// Whether the key was fixed before the suspect and its public ancestors.
Finding priority_finding(const CaseFacts& facts);
Finding counterclaim_finding(const CaseFacts& facts);

}  // namespace wmk::claims
