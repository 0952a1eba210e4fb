// From findings to one verdict (specs/lineage.md 9).
//
// Purpose: a positive verdict needs exact tests that agree as copies do; the default is to abstain.
// No part is called new, and no absence is stated, while anything about that part stands out. The
// words for verdicts and rules are in verdict_wording.h. Thread-safety: pure functions.
#pragma once

#include "lineage/findings.h"

namespace wmk::lineage {

enum class LineageVerdict {
  derived,
  partly_derived,
  shared_component,
  shared_initialisation_possible,
  no_shared_weights,
  not_enough_evidence
};
// As --json spells them.
std::string_view to_string(LineageVerdict verdict);

// The rules, in the order in which they are tried. The first that applies decides.
enum class VerdictRule {
  not_comparable,  // there is too little to compare
  same_start,
  one_component,
  two_families,
  one_family,
  other_component,  // beside the language model (shared_component.h)
  too_weak,
  all_null,
  otherwise
};

struct LineageJudgement {
  LineageVerdict verdict = LineageVerdict::not_enough_evidence;
  VerdictRule rule = VerdictRule::not_comparable;  // that led to the verdict
  std::string reason;
  std::vector<FamilyFinding> families;  // v/o, q/k, norm weights, ffn; then those beside the model
  // Nothing about the language model agrees or stands out, as far as it could be compared.
  bool is_silent = true;
  std::string component;  // of shared_component: which one
  std::string direction;  // what structure shows about who came first; empty: nothing
};

// What other bases show than the one of the findings.
struct Elsewhere {
  std::string attention, feed_forward;  // that stands out there
  std::string untried;                  // which basis could not be tried, and why; empty: all were
};

LineageJudgement conclude(const Findings& found, const Elsewhere& elsewhere = {});

// Weighs `tests` (all run in one basis) and concludes (find_families, conclude).
LineageJudgement judge(std::vector<TestResult>& tests, double bases, bool own_places = true);

}  // namespace wmk::lineage
