// Under which conditions a result holds (specs/verdicts.md 4).
//
// Purpose: a p-value is a bound under a condition, and the two are never printed apart.
// Thread-safety: pure functions and values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verify/claims/frame_kind.h"

namespace wmk::verify {

enum class Condition {
  suspect_independent_of_key,
  release_independent_of_suspect,
  base_independent_of_suspect,
  logits_collected_independently,
  adapter_base_unmarked,
  naming_not_fitted
};
// As in --json.
std::string_view to_string(Condition condition);
// A clause that follows "if".
std::string_view meaning(Condition condition);

struct Claim {
  std::vector<Condition> conditions;
  // Nothing is assumed but that the suspect does not depend on the key.
  bool is_theorem() const { return conditions.size() == 1; }
  std::string_view word() const { return is_theorem() ? "theorem" : "conditional"; }
  // All conditions, joined by "and".
  std::string text() const;
};

// What a claimant may have supplied beside the key and the record.
struct ClaimSources {
  bool subtracts_base = false;  // trace --base
  bool is_adapter = false;      // read over a base that was named
  bool has_naming = false;      // --naming
};
Claim claim_of(FrameSource frame, const ClaimSources& sources);

}  // namespace wmk::verify
