// From test results to one verdict (specs/lineage.md 9).
//
// Purpose: a positive verdict needs agreement in two families of tensors; the default is to
// abstain. The words for verdicts and rules are in verdict_wording.h. Thread-safety: pure
// functions.
#pragma once

#include "lineage/evidence.h"

namespace wmk::lineage {

enum class LineageVerdict {
  derived,
  partly_derived,
  shared_initialisation_possible,
  no_shared_weights,
  not_enough_evidence
};
// As --json spells them.
std::string_view to_string(LineageVerdict verdict);

// The rules, in the order in which they are tried. The first that applies decides.
enum class VerdictRule {
  not_comparable,  // a control failed, or there is too little to compare
  same_start,
  one_component,
  two_families,
  all_null,
  otherwise
};

struct FamilyFinding {
  TensorFamily family = TensorFamily::none;
  bool comparable = false;
  bool hit = false, null = false;
  double log10_p = 0;  // corrected for tests, bases and families
  double effect = 0;
  std::string reason;  // why it is not comparable
};

struct LineageJudgement {
  LineageVerdict verdict = LineageVerdict::not_enough_evidence;
  VerdictRule rule = VerdictRule::not_comparable;  // that led to the verdict
  std::string reason;
  std::vector<FamilyFinding> families;  // v/o, q/k, norm weights, ffn
  bool control_failed = false;          // of an exact test: no conclusion is possible
};

// Sets the outcome of a test that was run, correcting its p for `tried` hypotheses.
void weigh(TestResult& test, double tried);
// Combines the tests of one family.
FamilyFinding finding_of(const std::vector<TestResult>& tests, TensorFamily family);

// Weighs `tests` (all run in one basis) and concludes. `bases`: how many were or could have been
// tried. `own_places`: the basis leaves coordinates where they are, as it would for two trainings
// from one initialisation.
LineageJudgement judge(std::vector<TestResult>& tests, double bases, bool own_places = true);

}  // namespace wmk::lineage
