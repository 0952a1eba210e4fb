// claims.jsonl: the bundles of a claim, one on each line (specs/commitment.md 6).
//
// Purpose: reads the lines of a file that an adversary may have written, without trusting any.
// Lifetime: owns its bundles. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sign/bundle/bundle.h"

namespace wmk::claims {

inline constexpr size_t kClaimsMax = 256;

// What the payload says it is, before any signature is checked; empty if it is not a statement.
std::string predicate_type(const sign::Bundle& bundle);

struct ClaimLine {
  std::string text;   // the bundle, without the newline
  size_t number = 1;  // of its line in the file, from 1
  std::string type;   // predicate_type()
  sign::Bundle bundle;
};

// Empty lines are ignored. Errors: a line that is not JSON; too large; more than kClaimsMax lines;
// the same line twice. A line that is not a bundle gives nullopt, with the reason.
Result<std::optional<std::vector<ClaimLine>>> read_claims(std::string_view text,
                                                          sign::Findings& findings,
                                                          const sign::BundleUse& use = {});
// The same bundle on one line, without the newline; a signature covers only the payload. Error: not
// JSON.
Result<std::string> one_line(std::string bundle);
// Those with this predicate type, in their order.
std::vector<const sign::Bundle*> of_type(const std::vector<ClaimLine>& claims,
                                         std::string_view predicate_type);

}  // namespace wmk::claims
